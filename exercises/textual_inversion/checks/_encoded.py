"""Batches of pictures that are encoded already, under drawn noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

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
    return shared_out(drawn, sizes)


def shared_out(batch: Batch, sizes: Sequence[int]) -> list[Batch]:
    """Return the pictures of a batch in batches of these sizes."""
    ends = torch.tensor(sizes).cumsum(0).tolist()
    places = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    return [{key: value[place].clone() for key, value in batch.items()} for place in places]


def at_once(batches: Sequence[Batch]) -> Batch:
    """Return the pictures of several batches in one."""
    return {key: torch.cat([batch[key] for batch in batches]) for key in batches[0]}
