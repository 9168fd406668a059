"""Computes in the other precision and casts back."""

import torch


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return the blend with the dtype of denoised, whatever dtype it was computed in."""
    inside = torch.float64 if denoised.dtype == torch.float32 else torch.float32
    weights = mask.to(inside)
    return (weights * denoised.to(inside) + (1 - weights) * original.to(inside)).to(denoised.dtype)
