"""One pixel is enough to repaint the whole cell.

This rule misses nothing, but the mask grows by up to a cell on every side. Here only the top-left pixel decides; use
the padding to repaint more.
"""

import torch
from torch.nn.functional import max_pool2d

CAUGHT_BY = "test_other_pixels_have_no_effect"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the largest number of each cell, cut."""
    return (max_pool2d(mask, scale_factor) >= 0.5).to(mask.dtype)
