"""Holds the spread above a very small number, in float64 and in place."""

import torch


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, built in a copy."""
    result = latents[0].clone().double()
    result -= result.amin((-2, -1), keepdim=True)
    result /= result.amax((-2, -1), keepdim=True).clamp(min=1e-5)
    return result.to(latents.dtype)
