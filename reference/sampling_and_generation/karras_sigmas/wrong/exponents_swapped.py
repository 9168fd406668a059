"""The seventh powers are evenly spaced instead of the seventh roots: 7 and 1/7 have changed places.

Both ends are right, and everything between them is far too noisy: four steps from 128 visit 128, 120.8, 109.4 and then
0.0078125. First take the root, then space evenly, then take the power.
"""

import torch

CAUGHT_BY = "test_seventh_roots_are_evenly_spaced"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return levels with evenly spaced seventh powers."""
    powers = torch.linspace(sigma_max**7, sigma_min**7, steps, dtype=torch.float64)
    return torch.cat([powers ** (1 / 7), torch.zeros(1)]).float()
