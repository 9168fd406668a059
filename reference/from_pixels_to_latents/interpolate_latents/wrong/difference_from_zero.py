"""The scaled difference is returned, without the latent it starts from.

weight * (z_b - z_a) is how far to go. It has to be added to the start, z_a.
"""

import torch

CAUGHT_BY = "test_ends_are_the_latents"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the way gone."""
    return weight * (z_b - z_a)
