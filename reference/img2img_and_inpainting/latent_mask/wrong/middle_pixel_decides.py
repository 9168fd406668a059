"""The middle pixel of the cell decides.

"nearest-exact" in torch, and PIL's NEAREST, take the pixel in the middle of a cell; torch's "nearest", which the
pipelines use, takes the top-left one. The two masks are half a cell apart.
"""

import torch
from torch.nn.functional import interpolate

CAUGHT_BY = "test_one_pixel_of_each_cell"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the middle pixels, cut."""
    size = (mask.shape[-2] // scale_factor, mask.shape[-1] // scale_factor)
    return (interpolate(mask, size=size, mode="nearest-exact") >= 0.5).to(mask.dtype)
