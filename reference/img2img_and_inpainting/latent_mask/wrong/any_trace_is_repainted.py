"""Everything above 0 counts as 1.

A soft edge has many numbers between 0 and 0.5. These places must be kept; with a cut at 0 the mask grows by half of its
soft edge.
"""

import torch

CAUGHT_BY = "test_factor_one_only_cuts"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return where the pixel is not 0."""
    return (mask[..., ::scale_factor, ::scale_factor] > 0).to(mask.dtype)
