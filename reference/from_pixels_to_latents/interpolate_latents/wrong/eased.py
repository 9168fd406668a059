"""The weight is eased, slow at both ends and fast in the middle.

3 w^2 - 2 w^3 makes animations start and stop softly. That belongs to the choice of the weights, outside of this
function: a quarter here means a quarter of the way.
"""

import torch

CAUGHT_BY = "test_between_the_ends_the_line_is_straight"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point for a softened weight."""
    weight = weight * weight * (3 - 2 * weight)
    return (1 - weight) * z_a + weight * z_b
