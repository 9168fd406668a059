"""The result is float32, whatever dtype the mask has.

`.float()` makes float32 of any mask, and `torch.zeros(...)` is float32 as well unless it is told otherwise. With
`.to(mask.dtype)`, or `dtype=mask.dtype`, a float64 mask stays what it was.
"""

import torch

CAUGHT_BY = "test_top_left_pixel_decides"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the top-left pixel of every cell, cut at 0.5, in float32."""
    height, width = (size // scale_factor * scale_factor for size in mask.shape[-2:])
    return (mask[..., :height:scale_factor, :width:scale_factor] >= 0.5).float()
