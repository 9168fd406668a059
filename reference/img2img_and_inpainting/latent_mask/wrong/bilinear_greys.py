"""The mask is resized smoothly, and greys are left in it.

Bilinear resizing mixes neighbouring pixels. The statement asks for a latent mask that says yes or no for every cell, so
that kept places are kept entirely. Cut at 0.5, and let one pixel of each cell decide.
"""

import torch
from torch.nn.functional import interpolate

CAUGHT_BY = "test_top_left_pixel_decides"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return a smooth mask."""
    size = (mask.shape[-2] // scale_factor, mask.shape[-1] // scale_factor)
    return interpolate(mask, size=size, mode="bilinear", align_corners=False)
