"""One pixel is enough to repaint the whole cell.

The careful rule, to miss nothing, lets the mask grow by up to a cell on every side. Here the top-left pixel decides
alone; to be generous is the task of the padding.
"""

import torch
from torch.nn.functional import max_pool2d

CAUGHT_BY = "test_other_pixels_have_no_effect"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the largest number of each cell, cut."""
    return (max_pool2d(mask, scale_factor) >= 0.5).to(mask.dtype)
