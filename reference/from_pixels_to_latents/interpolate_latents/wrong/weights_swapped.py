"""The weight counts from the wrong end: 0 gives z_b and 1 gives z_a.

weight says how much of z_b there is. In the middle the two ends cannot be distinguished, so the mistake does not show
at 0.5.
"""

import torch

CAUGHT_BY = "test_ends_are_the_latents"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point of the way back."""
    return weight * z_a + (1 - weight) * z_b
