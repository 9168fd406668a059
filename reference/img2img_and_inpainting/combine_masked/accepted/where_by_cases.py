"""Treats ones, zeros and soft places as three cases."""

import torch


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return exact copies where the mask is hard, and a blend where it is soft."""
    soft = mask * denoised + (1 - mask) * original
    return torch.where(mask == 1, denoised, torch.where(mask == 0, original, soft))
