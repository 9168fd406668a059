"""What may learn after freezing, with an added token and with parts that were partly frozen."""

from exercises.textual_inversion.checks import _embeddings, _weights
from grader.checks import assert_equal
from grader.sandbox.wire.handles import Handle


def test_from_any_mixture(submission):
    """What was trainable before makes no difference, and a new token's row gets its gradient too."""
    table = _embeddings.grown_table(2)
    encoder = _embeddings.text_encoder(
        table, trainable=["embeddings.position_embedding.weight", "final_layer_norm.bias"]
    )
    unet, vae = Handle("unet", {"trainable": ["conv_in.bias"]}), Handle("vae", {"trainable": ["quant_conv.bias"]})
    for times in ("once", "twice"):
        submission.freeze_for_inversion(encoder, unet, vae)
        sentence = f"After freezing {times} the table must be all that is trainable in the text encoder."
        assert_equal(submission.read.trainable(encoder), [_embeddings.TABLE], sentence, what="What is trainable")
        trainable = submission.read.trainable(unet) + submission.read.trainable(vae)
        assert_equal(trainable, [], "Nothing of U-Net and autoencoder may be trainable.", what="What is trainable")
    ids = _embeddings.input_ids(["a <gem> and a <pearl>", "a red <gem> on the left"], "<gem>", "<pearl>")
    _weights.assert_only_the_table_learns(submission, encoder, unet, table, ids)
