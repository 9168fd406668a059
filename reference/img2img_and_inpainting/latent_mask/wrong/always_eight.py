"""The factor 8 is written in.

8 is the factor of Stable Diffusion's autoencoder. Others have 4 or 16, and then the mask has another size than the
latents. The factor is an argument.
"""

import torch

CAUGHT_BY = "test_worked_example"


def latent_mask(
    mask: torch.Tensor,
    scale_factor: int,
) -> torch.Tensor:
    """Return a mask for Stable Diffusion's latents."""
    return (mask[..., ::8, ::8] >= 0.5).to(mask.dtype)
