"""The mask is inverted.

1 marks what is to be repainted, in pixels and in latents. A pixel of 0.5 or more gives 1.
"""

import torch

CAUGHT_BY = "test_worked_example"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return where the pixel is below 0.5."""
    return (mask[..., ::scale_factor, ::scale_factor] < 0.5).to(mask.dtype)
