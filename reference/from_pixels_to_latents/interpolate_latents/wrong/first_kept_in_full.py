"""z_a is kept in full, and a part of z_b is added.

The weights must add up to 1. With z_a in full the result becomes stronger with every bit of z_b, and at weight
1 it is the sum of both pictures instead of z_b.
"""

import torch

CAUGHT_BY = "test_ends_are_the_latents"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the first plus a part of the second."""
    return z_a + weight * z_b
