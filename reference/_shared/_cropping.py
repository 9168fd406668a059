"""Batches of pictures that are not square."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch


def cropped(batch: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return a training batch without the lowest quarter of its pictures and of its noise: wider than high."""
    kept = {name: batch[name][..., : batch[name].shape[-2] * 3 // 4, :] for name in ("pixel_values", "noise")}
    return {**batch, **kept}
