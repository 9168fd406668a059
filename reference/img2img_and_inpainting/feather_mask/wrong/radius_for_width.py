"""The window is as wide as radius, instead of reaching radius places to each side.

A radius counts from the middle: radius to the left, radius to the right, and the place itself, 2 * radius + 1 in
all. A window of radius places makes an edge half as soft, and with radius 1 no edge at all.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_edge_is_a_ramp"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean over a window of about radius places."""
    reach = radius // 2
    wider = pad(mask, (reach, reach, reach, reach), mode="replicate")
    return avg_pool2d(wider, kernel_size=2 * reach + 1, stride=1)
