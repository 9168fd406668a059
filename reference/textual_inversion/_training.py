"""The loss of textual inversion, as the judge computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from exercises._shared._training import alphas_cumprod
from exercises.textual_inversion.checks._embeddings import own_text_encoder
from exercises.textual_inversion.checks._long_run import held_out_batches
from grader.diffusion.loading import load
from reference._shared._training import training_loss

if TYPE_CHECKING:
    from collections.abc import Mapping


@torch.no_grad()
def noise_loss(batch: Mapping[str, torch.Tensor], table: torch.Tensor) -> float:
    """Return the training loss of a batch with that table of embeddings."""
    model = load()
    told = own_text_encoder(table)(batch["input_ids"]).last_hidden_state
    return float(training_loss(model.unet, model.vae, told, batch, alphas_cumprod()))


def held_out_loss(table: torch.Tensor) -> float:
    """Return the mean loss of pictures that no training saw."""
    losses = [noise_loss(batch, table) for batch in held_out_batches()]
    return sum(losses) / len(losses)
