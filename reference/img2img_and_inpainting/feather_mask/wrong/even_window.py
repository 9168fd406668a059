"""The window has 2 * radius places, one too few, and the edge moves.

The place itself counts as well: radius before it, the place, radius after it. A window of an even number of places
has no middle, so the mask moves by half a place; and for radius 0 there is no window at all.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_edge_is_a_ramp"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean over an even window."""
    if radius == 0:
        return mask
    wider = pad(mask, (radius, radius - 1, radius, radius - 1), mode="replicate")
    return avg_pool2d(wider, kernel_size=2 * radius, stride=1)
