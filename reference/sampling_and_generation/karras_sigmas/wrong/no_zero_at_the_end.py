"""The 0 after the last level is missing.

`steps` levels make only `steps - 1` steps from one to the next. The last step goes from sigma_min to 0, and without
it the picture would keep a little noise. So there is one level more than there are steps.
"""

import torch

CAUGHT_BY = "test_ends_at_0"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels above 0 alone."""
    roots = torch.linspace(sigma_max ** (1 / 7), sigma_min ** (1 / 7), steps)
    return roots**7
