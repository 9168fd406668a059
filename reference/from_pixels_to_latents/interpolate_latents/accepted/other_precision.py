"""Computes in the other precision and casts back."""

import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point with the dtype of the latents."""
    inside = torch.float64 if z_a.dtype == torch.float32 else torch.float32
    return (z_a.to(inside) * (1 - weight) + z_b.to(inside) * weight).to(z_a.dtype)
