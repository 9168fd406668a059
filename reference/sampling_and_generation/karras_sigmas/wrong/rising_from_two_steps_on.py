"""The levels rise from sigma_min to sigma_max wherever there are several.

Only the case of a single level starts at sigma_max. A sampler always does: it starts with pure noise, and every step
takes some of it away. So the formula goes from the root of sigma_max to that of sigma_min.
"""

import torch

CAUGHT_BY = "test_levels_fall"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels from the lowest to the highest, a single one at sigma_max."""
    if steps == 1:
        return torch.tensor([sigma_max, 0.0])
    roots = torch.linspace(sigma_min ** (1 / 7), sigma_max ** (1 / 7), steps)
    return torch.cat([roots**7, torch.zeros(1)])
