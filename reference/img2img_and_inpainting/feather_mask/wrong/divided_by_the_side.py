"""The sum over the window is divided by its side, not by the number of its places.

A window that is 2 * radius + 1 wide and as high has (2 * radius + 1) ** 2 places. Divided by the side alone, an even
mask grows by that factor.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_even_mask_stays_even"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the sum over the window by its side."""
    side = 2 * radius + 1
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    return avg_pool2d(wider, kernel_size=side, stride=1, divisor_override=side)
