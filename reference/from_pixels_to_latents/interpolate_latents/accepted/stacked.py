"""Stacks both and takes the weighted sum."""

import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the sum over a stack of two."""
    weights = torch.tensor([1 - weight, weight], dtype=z_a.dtype)
    return torch.tensordot(weights, torch.stack([z_a, z_b]), dims=1)
