"""What a step of textual inversion must do, read back from the models, and its loss against recorded ones."""

import torch

from exercises._shared._training import alphas_cumprod, assert_loss, assert_same_weights
from exercises.textual_inversion.checks import _embeddings, _training, _weights
from exercises.textual_inversion.checks._recorded import WEAK_NOISE_LOSSES
from grader.checks import CheckFailure, assert_equal

WORDS = (_embeddings.TOKEN, _embeddings.SECOND_TOKEN)


class Bench:
    """The objects of a training run, and the student's steps on them."""

    def __init__(self, submission, *, learning_rate=0.01, weight_decay=0.1, ids=1, number=1):
        self.submission = submission
        self.table = _embeddings.trained_table()
        self.encoder = _embeddings.learner(self.table, number)
        self.optimizer = _embeddings.optimizer(self.encoder, learning_rate, weight_decay)
        self.ids = _embeddings.trained_ids(ids)

    def step(self, batch):
        """Let the student do a step, and return the loss."""
        models = _embeddings.UNET, _embeddings.VAE, self.encoder, self.optimizer
        return self.submission.inversion_training_step(*models, batch, self.ids, self.table, alphas_cumprod())

    def learned(self):
        """Return the text encoder's table as it is now."""
        return _weights.table_of(self.weights(), len(self.table))

    def weights(self):
        """Return all weights of the text encoder."""
        return self.submission.read.state_dict(self.encoder)


def test_loss_is_that_of_the_noise(submission, sd):
    """The loss is the mean squared error of the predicted noise, before the step."""
    batches = _training.small_batches(2, seed=1, timesteps=_training.WEAK_NOISE)
    for number, (batch, expected) in enumerate(zip(batches, WEAK_NOISE_LOSSES, strict=True)):
        # A step as long as this one moves the loss by thirty tolerances: it tells a loss before from one after.
        actual = Bench(submission, learning_rate=1.0, number=number).step(batch)
        sentence = (
            "The loss must be the mean square of the difference between the predicted noise and the noise, over all "
            "pictures of the batch, as it is before the step."
        )
        assert_loss(actual, expected, sentence, _training.LOSS_TOLERANCE)


def test_only_the_trained_row_moves(submission):
    """After every step the trained row has moved and every other row is the original, to the bit."""
    bench = Bench(submission)
    for number, batch in enumerate(_training.small_batches(3, seed=2), start=1):
        bench.step(batch)
        _weights.assert_only_rows_moved(bench.learned(), bench.table, bench.ids, f"After step {number}")


def test_several_rows_may_learn(submission):
    """With two ids both rows move, and no other, not even one between them."""
    bench = Bench(submission, ids=2)
    for batch in _training.small_batches(2, seed=3, words=WORDS):
        bench.step(batch)
    _weights.assert_only_rows_moved(bench.learned(), bench.table, bench.ids, "After two steps with two ids")


def test_loss_falls(submission):
    """Four steps on the same batch make its loss smaller."""
    bench = Bench(submission, learning_rate=0.02, weight_decay=0.0)
    (batch,) = _training.small_batches(1, seed=4)
    for _ in range(4):
        bench.step(batch)
    before, after = (_training.judged_loss(batch, table) for table in (bench.table, bench.learned()))
    if not after < before:
        sentence = (
            "After four steps on the same batch its loss must be smaller: the row must move against the gradient."
        )
        raise CheckFailure(sentence, expected=f"less than {before:.6f}", actual=f"{after:.6f}")


def test_everything_else_stays(submission):
    """No other weight of U-Net, autoencoder and text encoder changes, to the bit."""
    bench = Bench(submission, learning_rate=0.1)
    for batch in _training.small_batches(2, seed=5):
        bench.step(batch)
    text = _embeddings.own_weights("text_encoder")
    assert_same_weights(bench.weights(), text, "the text encoder", but=[_embeddings.TABLE])
    for name, module in (("U-Net", _embeddings.UNET), ("autoencoder", _embeddings.VAE)):
        sentence = f"The {name} must stay frozen."
        assert_equal(submission.read.trainable(module), [], sentence, what=f"What is trainable in the {name}")
    assert_same_weights(submission.read.state_dict(_embeddings.UNET), _embeddings.own_weights("unet"), "the U-Net")
    assert_same_weights(submission.read.state_dict(_embeddings.VAE), _embeddings.own_weights("vae"), "the autoencoder")


def test_gradients_do_not_add_up(submission):
    """Two steps on the same batch leave the same gradient, or none: gradients do not add up."""
    bench = Bench(submission, learning_rate=0.0)
    (batch,) = _training.small_batches(1, seed=6)
    left = []
    for _ in range(2):
        bench.step(batch)
        found = submission.read.gradients(bench.encoder).get(_embeddings.TABLE)
        left.append(
            torch.zeros_like(bench.table)
            if found is None
            else _weights.table_of({_embeddings.TABLE: found}, len(bench.table))
        )
    first, second = left
    if float((second - first).abs().max()) > 0.1 * float(first.abs().max()):
        raise CheckFailure(
            "With a learning rate of 0 nothing moves, so a second step on the same batch must leave the same gradient "
            "as the first. Here the second is added to the first. Clear the gradient at every step.",
            expected=f"numbers up to {float(first.abs().max()):.3g}",
            actual=f"numbers up to {float(second.abs().max()):.3g}",
        )


def test_leaves_inputs_alone(submission):
    """Batch, ids, original and alpha-bar are the same after the call as before it."""
    bench = Bench(submission)
    (batch,) = _training.small_batches(1, seed=7)
    given = {
        "batch": batch,
        "token_ids": bench.ids,
        "original": bench.table,
        "alphas_cumprod": alphas_cumprod(),
    }
    models = _embeddings.UNET, _embeddings.VAE, bench.encoder, bench.optimizer
    after = submission.inversion_training_step.called_with(*models, *given.values()).arguments
    for name, before in given.items():
        sentence = f"inversion_training_step must not change {name}."
        assert_equal(after[name], before, sentence, what=f"{name} after the call")
