"""With steps = 1 it divides 0 by 0, and the only level becomes NaN.

`steps - 1` is 0 then. Dividing a tensor by it raises no error: the result is NaN, and the picture becomes NaN too. A
single level must be sigma_max, where the sampler starts. `torch.linspace` handles this case; your own formula can
divide by max(steps - 1, 1).
"""

import torch

CAUGHT_BY = "test_one_step_leads_from_sigma_max_to_0"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels by the formula, whatever the number of steps."""
    first, last = sigma_max ** (1 / 7), sigma_min ** (1 / 7)
    roots = first + torch.arange(steps) / (steps - 1) * (last - first)
    return torch.cat([roots**7, torch.zeros(1)])
