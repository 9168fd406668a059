"""The mask is cut to 0 or 1 before it is used.

A soft mask has values between 0 and 1 so that the new picture fades into the old one. With a threshold
each place is either all new or all old, and the seam that the soft edge was made to hide is back.
"""

import torch

CAUGHT_BY = "test_soft_mask_blends"


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return the blend under the hardened mask."""
    binary = mask.round()
    return binary * denoised + (1 - binary) * original
