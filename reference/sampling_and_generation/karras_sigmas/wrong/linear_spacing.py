"""The levels themselves are evenly spaced, not their seventh roots.

Evenly spaced, nine of ten levels of Stable Diffusion lie above 1, and a single one, 0.0292, is left for all the details
below. The levels should lie close together where they are small: take the seventh roots of both ends, space
*those* evenly, and raise them to the seventh power.
"""

import torch

CAUGHT_BY = "test_half_of_the_levels_are_small"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return evenly spaced levels."""
    return torch.cat([torch.linspace(sigma_max, sigma_min, steps), torch.zeros(1)])
