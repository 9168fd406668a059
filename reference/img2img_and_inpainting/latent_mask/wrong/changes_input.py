"""The mask is cut to 0 and 1 in place.

mask[mask < 0.5] = 0 writes into the caller's mask, whose soft edge is gone afterwards. Compare into a new tensor.
"""

import torch

CAUGHT_BY = "test_leaves_mask_alone"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the mask, cut where it is."""
    mask[mask < 0.5] = 0
    mask[mask >= 0.5] = 1
    return mask[..., ::scale_factor, ::scale_factor]
