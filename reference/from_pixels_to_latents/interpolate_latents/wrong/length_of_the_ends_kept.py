"""The mixture is stretched to the length of the two latents.

A mean of two vectors is shorter than they are, and for noise that matters: it must keep its spread. Latents of pictures
are mixed along the straight line, which is what the formula says.
"""

import torch

CAUGHT_BY = "test_between_the_ends_the_line_is_straight"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the mixture with the mean length of both."""
    mixed = (1 - weight) * z_a + weight * z_b
    length = (1 - weight) * z_a.norm() + weight * z_b.norm()
    return mixed * (length / mixed.norm()).abs() if mixed.norm() > 0 else mixed
