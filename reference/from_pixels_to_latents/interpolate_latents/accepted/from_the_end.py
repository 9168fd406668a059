"""Starts at the second latent and goes back."""

import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the second latent, less the rest of the way."""
    return z_b - (1.0 - weight) * (z_b - z_a)
