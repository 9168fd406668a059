"""The weight is limited to 0 to 1.

Beyond the ends the formula goes on: weight 1.5 exaggerates what z_b has and z_a has not. The statement asks for
that, and a limit makes every weight above 1 give the same z_b.
"""

import torch

CAUGHT_BY = "test_line_goes_on_beyond_the_ends"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point, held between the ends."""
    weight = min(max(weight, 0.0), 1.0)
    return (1 - weight) * z_a + weight * z_b
