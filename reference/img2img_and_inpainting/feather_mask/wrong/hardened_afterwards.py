"""The soft mask is cut to 0 and 1 afterwards.

The numbers in between are the point: they mix new and old at the edge. With a threshold the edge is hard again, a
little rounder than before.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_edge_is_a_ramp"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return a mask without soft numbers."""
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    return (avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1) >= 0.5).to(mask.dtype)
