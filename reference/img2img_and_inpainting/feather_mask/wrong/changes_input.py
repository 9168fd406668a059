"""The mask is changed in place.

Writing the means into the mask while it is being read also lets the later windows see numbers that are means already.
Even where that is avoided, the caller's hard mask is gone. Write into a new tensor.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_leaves_mask_alone"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean, written into the mask."""
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    mask.copy_(avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1))
    return mask
