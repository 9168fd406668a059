"""The evenly spaced seventh roots are returned without being raised to the seventh power.

The roots only serve to find even steps. A sampler needs the levels: with sigma_max = 128 it starts at 128, and the root
of that is 2. The first level is a good test of such a formula: it must be sigma_max.
"""

import torch

CAUGHT_BY = "test_leads_from_sigma_max_to_sigma_min"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the roots of the levels."""
    roots = torch.linspace(sigma_max ** (1 / 7), sigma_min ** (1 / 7), steps)
    return torch.cat([roots, torch.zeros(1)])
