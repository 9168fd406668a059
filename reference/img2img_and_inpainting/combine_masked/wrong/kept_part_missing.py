"""The part to keep is left at zero.

Multiplying by the mask cuts the new picture out, and that is half of the job: the rest of the picture must come from
the original. Zeros in latent space are not even black: they decode to some flat colour.
"""

import torch

CAUGHT_BY = "test_empty_mask_gives_original"


def combine_masked(
    mask: torch.Tensor,
    denoised: torch.Tensor,
    original: torch.Tensor,
) -> torch.Tensor:
    """Return the cut-out alone."""
    return mask * denoised
