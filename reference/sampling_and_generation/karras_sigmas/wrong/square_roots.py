"""The square roots are evenly spaced: the exponent is 2 instead of 7.

It is the rule of the "scaled_linear" betas, and the same idea with a smaller rho. But two is not enough here: four
steps from 128 visit 57.3 and 14.7 on their way, where seven leads by 17.1 and 1.
"""

import torch

CAUGHT_BY = "test_seventh_roots_are_evenly_spaced"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return levels with evenly spaced square roots."""
    roots = torch.linspace(sigma_max**0.5, sigma_min**0.5, steps)
    return torch.cat([roots**2, torch.zeros(1)])
