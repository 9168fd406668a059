"""The levels rise from sigma_min to sigma_max.

The names suggest going from min to max, but a sampler goes the other way: it starts with pure noise, at sigma_max, and
every step takes some of it away. The formula has sigma_max first for that reason.
"""

import torch

CAUGHT_BY = "test_levels_fall"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels from the lowest to the highest."""
    roots = torch.linspace(sigma_min ** (1 / 7), sigma_max ** (1 / 7), steps)
    return torch.cat([roots**7, torch.zeros(1)])
