"""Works in place, on a copy."""

import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point, built in a copy of z_a."""
    result = z_a.clone()
    result.mul_(1 - weight).add_(z_b, alpha=weight)
    return result
