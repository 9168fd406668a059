"""The mask only shrinks: what was 0 stays 0.

Keeping the outside untouched looks safe, but then the edge is soft on its inner side only, and jumps from 0 to the
soft part. The mean gives to the outside what it takes from the inside.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_inverted_mask_gives_inverted_edge"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the smaller of mask and mean."""
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    return torch.minimum(mask, avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1))
