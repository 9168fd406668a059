"""The straight line between two latents, by the formula of the statement."""

import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return (1 - weight) * z_a + weight * z_b."""
    # step: Weigh both latents, so that the weights add up to 1.
    # blank: return ____ + ____
    return (1 - weight) * z_a + weight * z_b
