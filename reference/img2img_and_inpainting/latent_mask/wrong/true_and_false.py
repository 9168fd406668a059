"""The mask holds True and False instead of 1.0 and 0.0.

A comparison gives booleans, and 1 - mask is an error for them. Convert with .to(mask.dtype).
"""

import torch

CAUGHT_BY = "test_worked_example"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return a mask of booleans."""
    return mask[..., ::scale_factor, ::scale_factor] >= 0.5
