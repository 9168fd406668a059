"""The mean is taken twice.

The mean of a mean gives a wider and rounder edge: it starts up to 2 * radius away from where it was hard. One pass over
rows and columns is enough.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_edge_is_a_ramp"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean of the mean."""
    for _ in range(2):
        wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
        mask = avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1)
    return mask
