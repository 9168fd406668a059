"""What training a new word must do, against the reference on the judge's own model."""

import pytest

from exercises._shared._training import alphas_cumprod, assert_loss, assert_losses
from exercises.textual_inversion.checks import _embeddings, _training, _weights
from grader.checks import assert_close
from grader.diffusion import loading

WORDS = (_embeddings.TOKEN, _embeddings.SECOND_TOKEN)


@pytest.mark.parametrize(("ids", "count", "seed"), [(1, 4, 31), (2, 3, 32)])
def test_equals_reference(submission, reference, sd, ids, count, seed):
    """A few batches give the reference's losses and the reference's table."""
    table = _embeddings.trained_table(seed)
    token_ids = _embeddings.trained_ids(2)[::-1][:ids]
    # Of other sizes, so that a mean over the batch and a sum give other steps: AdamW remembers the gradients before.
    batches = [_training.small_batches(1, seed + step, 1 + 3 * (step % 2), WORDS)[0] for step in range(count)]
    rest = batches, token_ids, alphas_cumprod(), 0.02

    def compute():
        own_encoder = _embeddings.own_text_encoder(table)
        own_table = own_encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
        unet, vae = (loading.copy_of(name).requires_grad_(False) for name in ("unet", "vae"))
        return reference.train_embedding(unet, vae, own_encoder, *rest), own_table.detach()

    learner = _embeddings.learner(table)
    expected, expected_table = sd.once(("train_embedding", ids, seed), compute)
    actual = assert_losses(submission.train_embedding(_embeddings.UNET, _embeddings.VAE, learner, *rest), count)
    for number, (found, due) in enumerate(zip(actual, expected, strict=True), start=1):
        assert_loss(found, due, f"The loss of batch {number} must be the reference's.", _training.LOSS_TOLERANCE)
    after = _weights.table_of(submission.read.state_dict(learner), len(table))
    sentence = f"After {count} batches the table must be the reference's."
    # Measured: correct runs in other styles differ by up to 2e-5, because AdamW divides by gradients near zero.
    assert_close(after, expected_table, sentence, tolerance=5e-4)
