"""Interpolates with torch.lerp."""

import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the way from one latent to the other."""
    return torch.lerp(z_a, z_b, weight)
