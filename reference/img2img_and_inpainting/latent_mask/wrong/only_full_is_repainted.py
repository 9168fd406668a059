"""Everything below 1 counts as 0.

Converting to integers cuts off what comes after the point, so 0.99 becomes 0, and the mask shrinks by half of its soft
edge. Compare with 0.5.
"""

import torch

CAUGHT_BY = "test_factor_one_only_cuts"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the whole part of each number."""
    return mask[..., ::scale_factor, ::scale_factor].int().to(mask.dtype)
