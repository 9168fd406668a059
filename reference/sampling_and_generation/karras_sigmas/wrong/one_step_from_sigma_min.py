"""With steps = 1 the only level is sigma_min.

The levels are made from the lowest to the highest and then reversed. That is right for two steps or more. With a single
level only the first is kept, and before the order is reversed that is sigma_min: the sampler would take pure noise for
a nearly clean picture.
"""

import torch

CAUGHT_BY = "test_one_step_leads_from_sigma_max_to_0"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return rising levels, turned round."""
    roots = torch.linspace(sigma_min ** (1 / 7), sigma_max ** (1 / 7), steps)
    return torch.cat([roots.flip(0) ** 7, torch.zeros(1)])
