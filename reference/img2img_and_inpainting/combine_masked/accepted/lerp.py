"""Interpolates with torch.lerp."""

import torch


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return the way from original to denoised, the mask's part of it."""
    return torch.lerp(original, denoised, mask)
