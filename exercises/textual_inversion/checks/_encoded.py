"""Batches of pictures that are encoded already, under drawn noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from exercises._shared._batches import in_batches
from exercises.textual_inversion.checks import _embeddings
from exercises.textual_inversion.checks._training import STRONG_NOISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exercises._shared._training import Batch


def batches_of(
    latents: torch.Tensor,
    told: Sequence[str],
    sizes: Sequence[int],
    seed: int,
    timesteps: tuple[int, int] = STRONG_NOISE,
) -> list[Batch]:
    """Return latents and their captions in batches of these sizes; by default the noise is so strong that words decide.

    The tokenizer knows all `TOKENS`. Noise, and timesteps from the first of `timesteps` to before the second, are drawn
    with `seed`.
    """
    generator = torch.Generator().manual_seed(seed)
    drawn = {
        "latents": latents,
        "input_ids": _embeddings.input_ids(told, *_embeddings.TOKENS),
        "noise": torch.randn(latents.shape, generator=generator),
        "timesteps": torch.randint(*timesteps, (len(latents),), generator=generator),
    }
    return in_batches(drawn, sizes)
