"""The mask is inverted: 1 keeps and 0 repaints.

In this course, as in the pipelines, 1 (white) marks what is to be painted anew. Turned around,
everything the user wanted to keep is repainted, and the spot that bothered them stays. Conventions
differ between tools, so it is worth checking with a mask of ones.
"""

import torch

CAUGHT_BY = "test_full_mask_gives_denoised"


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return the blend with the two pictures exchanged."""
    return mask * original + (1 - mask) * denoised
