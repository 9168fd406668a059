"""The numbers of the window are added up, but not divided.

A kernel of ones gives the sum. Its weights must add up to 1, so divide by the number of places in the window. As it
is, the inside of the mask becomes (2 * radius + 1) ** 2.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_even_mask_stays_even"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the sum over the window."""
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    return avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1, divisor_override=1)
