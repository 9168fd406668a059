"""What steps of textual inversion must do, against the reference on the judge's own model."""

import copy

import pytest
import torch

from exercises._shared._training import alphas_cumprod, assert_loss
from exercises.textual_inversion.checks import _embeddings, _training, _weights
from grader.checks import assert_close
from grader.diffusion import loading
from reference._shared._cropping import cropped

WORDS = (_embeddings.TOKEN, _embeddings.SECOND_TOKEN)
SIZES = (1, 4, 2)  # so that a mean over the batch and a sum give other steps: AdamW remembers the gradients before


@pytest.mark.parametrize(("ids", "seed"), [(1, 11), (2, 12)])
def test_equals_reference(submission, reference, ids, seed):
    """Three steps, with batches of 1, 4 and 2 pictures (these not square), give the reference's losses and table."""
    table = _embeddings.trained_table(seed)
    token_ids = _embeddings.trained_ids(2)[::-1][:ids]
    batches = [_training.small_batches(1, seed + size, size, WORDS)[0] for size in SIZES]
    batches[-1] = cropped(batches[-1])
    learner = _embeddings.learner(table)
    optimizer = _embeddings.optimizer(learner, 0.01, 0.1)

    model = loading.load()
    own_encoder = _embeddings.own_text_encoder(table)
    own_table = own_encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
    own_optimizer = torch.optim.AdamW([own_table], lr=0.01, weight_decay=0.1)
    unet, vae = (copy.deepcopy(module).requires_grad_(False) for module in (model.unet, model.vae))

    rest = token_ids, table, alphas_cumprod()
    for number, batch in enumerate(batches, start=1):
        actual = submission.inversion_training_step(_embeddings.UNET, _embeddings.VAE, learner, optimizer, batch, *rest)
        expected = reference.inversion_training_step(unet, vae, own_encoder, own_optimizer, batch, *rest)
        assert_loss(actual, expected, f"The loss of step {number} must be the reference's.", _training.LOSS_TOLERANCE)
        after = _weights.table_of(submission.read.state_dict(learner), len(table))
        sentence = f"After step {number} the table must be the one that the reference's steps give."
        assert_close(after, own_table.detach(), sentence)
