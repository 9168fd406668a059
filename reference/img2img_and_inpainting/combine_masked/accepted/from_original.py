"""Starts at the original and goes the mask's part of the way."""

import torch


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return original plus the mask's share of the change."""
    return original + mask * (denoised - original)
