"""The 0 is counted as one of the `steps` levels, so one level is missing.

`steps` says how many steps the sampler takes, and n steps have n + 1 places where they begin or end. There are
`steps` levels above 0, and the 0 comes after them.
"""

import torch

CAUGHT_BY = "test_ends_at_0"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return as many levels as there are steps, the 0 included."""
    roots = torch.linspace(sigma_max ** (1 / 7), sigma_min ** (1 / 7), steps - 1)
    return torch.cat([roots**7, torch.zeros(1)])
