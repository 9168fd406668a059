"""Divides first and replaces NaN by zero."""

import torch


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, with what could not be divided set to zero."""
    channels = latents[0]
    moved = channels - channels.flatten(1).min(1).values.reshape(-1, 1, 1)
    return torch.nan_to_num(moved / moved.flatten(1).max(1).values.reshape(-1, 1, 1), nan=0.0)
