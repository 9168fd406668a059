"""Takes every scale_factor-th pixel and compares."""

import torch


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the comparison as numbers."""
    return (mask[:, :, ::scale_factor, ::scale_factor] >= 0.5).to(mask.dtype)
