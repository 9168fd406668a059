"""Adds a very small number to the denominator."""

import torch


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, guarded against a division by zero."""
    flat = latents.squeeze(0).flatten(start_dim=1)
    low, high = flat.min(dim=1).values, flat.max(dim=1).values
    low, high = low[:, None, None], high[:, None, None]
    return (latents.squeeze(0) - low) / (high - low + 1e-6)
