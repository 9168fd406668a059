"""What steps of textual inversion must do, against the reference on the judge's own model."""

import pytest
import torch

from exercises._shared._training import alphas_cumprod, assert_loss
from exercises.textual_inversion.checks import _embeddings, _training, _weights
from grader.checks import assert_close
from grader.diffusion import loading
from reference._shared import _real
from reference._shared._cropping import cropped

WORDS = (_embeddings.TOKEN, _embeddings.SECOND_TOKEN)
SIZES = (1, 4, 2)  # so that a mean over the batch and a sum give other steps: AdamW remembers the gradients before


@pytest.mark.parametrize(("ids", "seed"), [(1, 11), (2, 12)])
def test_equals_reference(submission, reference, sd, ids, seed):
    """Three steps, with batches of 1, 4 and 2 pictures (these not square), give the reference's losses and table."""
    table = _embeddings.trained_table(seed)
    token_ids = _embeddings.trained_ids(2)[::-1][:ids]
    batches = [_training.small_batches(1, seed + size, size, WORDS)[0] for size in SIZES]
    batches[-1] = cropped(batches[-1])
    learner = _embeddings.learner(table)
    optimizer = _embeddings.optimizer(learner, 0.01, 0.1)

    def compute():
        own_encoder = _embeddings.own_text_encoder(table)
        own_table = own_encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
        own_optimizer = torch.optim.AdamW([own_table], lr=0.01, weight_decay=0.1)
        unet, vae = (loading.copy_of(name).requires_grad_(False) for name in ("unet", "vae"))
        models = unet, vae, own_encoder, own_optimizer
        return [
            (reference.inversion_training_step(*models, batch, *rest), own_table.detach().clone()) for batch in batches
        ]

    rest = token_ids, table, alphas_cumprod()
    expected = sd.once(("three steps of textual inversion", ids, seed), compute)
    for number, (batch, (loss, due)) in enumerate(zip(batches, expected, strict=True), start=1):
        actual = submission.inversion_training_step(_embeddings.UNET, _embeddings.VAE, learner, optimizer, batch, *rest)
        assert_loss(actual, loss, f"The loss of step {number} must be the reference's.", _training.LOSS_TOLERANCE)
        after = _weights.table_of(submission.read.state_dict(learner), len(table))
        sentence = f"After step {number} the table must be the one that the reference's steps give."
        assert_close(after, due, sentence)


def real_step(sd):
    """Return what a step on the real model gets; weight decay moves every row that is not put back."""
    encoder = _real.learner(1)
    ids = _embeddings.input_ids(["a <gem> on white", "a big <gem> at night"], "<gem>")
    rest = _real.batch(sd, ids, seed=8), [_real.first_id()], _real.table_of(encoder), alphas_cumprod()
    return _real.UNET, _real.VAE, encoder, _real.optimizer(encoder, weight_decay=1e-4), *rest


def right_step(sd, reference):
    """Return the loss of the step, where the row was and how it must move, and the digests before it."""

    def compute(twins):
        unet, vae, encoder, optimizer, batch, ids, original, alphas = real_step(sd)
        before = twins[original].clone(), _real.rows_of(twins, encoder), _real.digests_of(twins[encoder])
        models = (twins[each] for each in (unet, vae, encoder, optimizer))
        loss = reference.inversion_training_step(*models, batch, ids, before[0], alphas)
        row = before[0][ids]
        return loss, row, twins[encoder].get_parameter(_real.TABLE).detach()[ids] - row, *before[1:]

    return _real.own(sd, "a step of textual inversion", compute)


@pytest.mark.tier("gpu")
def test_real_step_has_the_loss_and_moves_the_row(submission, reference, sd):
    """On a real model, the loss is that of the batch, and the new row moves along its gradient."""
    given, (expected, row, due, *_) = real_step(sd), right_step(sd, reference)
    actual = submission.inversion_training_step(*given)
    _real.assert_loss(sd, actual, expected, "The loss of a step on the real model must be that of its batch.")
    found = submission.read.rows(given[2], given[5])
    moved = {"the new row": found - row if found.shape == row.shape else found}
    _real.assert_along(sd, moved, {"the new row": due}, "The new row must move along the gradient of the loss.")


@pytest.mark.tier("gpu")
def test_one_row_of_a_real_model_moves(submission, reference, sd):
    """On a real model, of all rows of the table only the new one moves, and nothing else does, to the bit."""
    given, (*_, rows, digests) = real_step(sd), right_step(sd, reference)
    submission.inversion_training_step(*given)
    _real.assert_only_rows_moved(submission.read.digests_of_rows(given[2]), rows, given[5], "After the step")
    table = {_real.TABLE: submission.read.digests(given[2]).get(_real.TABLE)}
    _real.assert_untouched(submission, given[2], digests | table, "the text encoder")
    for module, name, owner in ((_real.UNET, "unet", "the U-Net"), (_real.VAE, "vae", "the autoencoder")):
        _real.assert_untouched(submission, module, sd.digests(name), owner)
