"""The mask is resized smoothly and cut afterwards.

The result is zeros and ones, but the pixels in the middle of each cell have decided, not its top-left one. Cells at
the edge of the mask come out differently from the pipelines'.
"""

import torch
from torch.nn.functional import interpolate

CAUGHT_BY = "test_one_pixel_of_each_cell"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return a smooth mask, cut."""
    size = (mask.shape[-2] // scale_factor, mask.shape[-1] // scale_factor)
    smooth = interpolate(mask, size=size, mode="bilinear", align_corners=False)
    return (smooth >= 0.5).to(mask.dtype)
