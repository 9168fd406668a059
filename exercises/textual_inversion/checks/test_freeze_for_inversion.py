"""What may learn after freezing: what the models say of it, and where a loss leaves which gradients."""

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks import _embeddings, _weights
from grader.checks import assert_equal
from grader.sandbox.wire.handles import Handle


def assert_only_the_table(submission, encoder, unet, vae):
    """Raise `CheckFailure` unless the table is all that is trainable in the three models."""
    sentence = "Of the text encoder exactly one parameter may be trainable, the table of token embeddings."
    assert_equal(submission.read.trainable(encoder), [_embeddings.TABLE], sentence, what="What is trainable")
    for name, module in (("U-Net", unet), ("autoencoder", vae)):
        sentence = f"Nothing of the {name} may be trainable."
        assert_equal(submission.read.trainable(module), [], sentence, what=f"What is trainable in the {name}")


def test_only_the_table_is_trainable(submission, sd):
    """Of all three models, the table of token embeddings is the only trainable parameter."""
    submission.freeze_for_inversion(sd.text_encoder, sd.unet, sd.vae)
    assert_only_the_table(submission, sd.text_encoder, sd.unet, sd.vae)


def test_whatever_was_frozen_before(submission):
    """The table becomes trainable also where it was frozen before, and nothing else gets a gradient."""
    table = _embeddings.grown_table()
    encoder = _embeddings.text_encoder(table, trainable=[])
    unet, vae = Handle("unet", {"trainable": ["conv_in.bias"]}), Handle("vae", {"trainable": ["quant_conv.bias"]})
    submission.freeze_for_inversion(encoder, unet, vae)
    assert_only_the_table(submission, encoder, unet, vae)
    ids = _embeddings.input_ids(["a <gem> at night"], "<gem>")
    _weights.assert_only_the_table_learns(submission, encoder, unet, table, ids)


def test_gradients_flow_through(submission, sd):
    """A loss behind the U-Net gives every word of the prompt its gradient, through the frozen parts."""
    submission.freeze_for_inversion(sd.text_encoder, sd.unet, sd.vae)
    table, ids = _embeddings.known_table(), _embeddings.input_ids(["a big red circle on sand"])
    _weights.assert_only_the_table_learns(submission, sd.text_encoder, sd.unet, table, ids)


def test_weights_stay(submission, sd):
    """No weight changes, to the bit."""
    submission.freeze_for_inversion(sd.text_encoder, sd.unet, sd.vae)
    parts = (("text_encoder", sd.text_encoder), ("unet", sd.unet), ("vae", sd.vae))
    for name, module in parts:
        assert_same_weights(submission.read.state_dict(module), _embeddings.own_weights(name), f"the {name}")
