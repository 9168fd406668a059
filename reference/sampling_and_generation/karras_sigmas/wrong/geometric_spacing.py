"""Each level is the same fraction of the one before: the logarithms are evenly spaced.

That is a sensible schedule too, and the formula approaches it as rho grows. With rho = 7 it is the seventh roots that
are evenly spaced, so the noisy end gets a few more levels: halfway from 128 to 0.0078125 the root is 1.25 and the level
4.77, where the geometric mean is 1.
"""

import math

import torch

CAUGHT_BY = "test_seventh_roots_are_evenly_spaced"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return levels with evenly spaced logarithms."""
    logarithms = torch.linspace(math.log(sigma_max), math.log(sigma_min), steps)
    return torch.cat([logarithms.exp(), torch.zeros(1)])
