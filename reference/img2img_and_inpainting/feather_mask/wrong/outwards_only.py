"""The mask only grows: what was 1 stays 1.

Keeping the inside full looks safe, but then the edge is soft on its outer side only, and jumps from the soft part to
1. The mean takes from the inside what it gives to the outside.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_inverted_mask_gives_inverted_edge"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the larger of mask and mean."""
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    return torch.maximum(mask, avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1))
