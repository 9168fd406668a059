"""The straight line between two latents, by the formula of the statement."""

import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return (1 - weight) * z_a + weight * z_b."""
    return (1 - weight) * z_a + weight * z_b
