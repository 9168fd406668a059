"""All dimensions of size 1 are squeezed out of the mask.

squeeze() takes away the two in front, which does no harm, but also a height or a width that happens to be
1. Under a picture of a single column the mask becomes a row, and broadcasting spreads it the wrong way. The
mask fits as it is; name the dimension if one has to go, as in squeeze(0).
"""

import torch

CAUGHT_BY = "test_soft_mask_blends"


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return the blend under the squeezed mask."""
    squeezed = mask.squeeze()
    return squeezed * denoised + (1 - squeezed) * original
