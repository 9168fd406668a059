"""The bottom-right pixel of the cell decides.

A slice that starts at scale_factor - 1 takes the last pixel of each cell. The first one is at 0, scale_factor,
2 * scale_factor: start the slice at 0.
"""

import torch

CAUGHT_BY = "test_one_pixel_of_each_cell"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the last pixels, cut."""
    last = scale_factor - 1
    return (mask[..., last::scale_factor, last::scale_factor] >= 0.5).to(mask.dtype)
