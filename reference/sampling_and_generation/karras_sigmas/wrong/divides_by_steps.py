"""The way is divided by `steps` instead of `steps - 1`, so sigma_min is never reached.

Between n levels there are n - 1 gaps. Divided by n, as `torch.arange(steps) / steps` has it, the last level before the
0 is still a gap above sigma_min, and the last step has far too much noise to take away. The same happens if there is
one more evenly spaced root and the last one is overwritten with 0: the 0 comes after sigma_min, not in its place.
"""

import torch

CAUGHT_BY = "test_leads_from_sigma_max_to_sigma_min"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return levels that stop a gap early."""
    first, last = sigma_max ** (1 / 7), sigma_min ** (1 / 7)
    roots = first + torch.arange(steps) / steps * (last - first)
    return torch.cat([roots**7, torch.zeros(1)])
