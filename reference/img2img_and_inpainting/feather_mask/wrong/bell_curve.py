"""The window is weighted by a bell curve.

A Gaussian blur looks much the same, and many programs feather with it. The statement asks for the plain mean, in which
every place of the window has the same weight: across a straight edge the mask then rises evenly.
"""

import torch
from torch.nn.functional import conv2d, pad

CAUGHT_BY = "test_edge_is_a_ramp"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return a Gaussian mean."""
    offsets = torch.arange(-radius, radius + 1, dtype=mask.dtype)
    bell = torch.exp(-2 * (offsets / max(radius, 1)) ** 2)
    bell = bell / bell.sum()
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    return conv2d(wider, torch.outer(bell, bell)[None, None])
