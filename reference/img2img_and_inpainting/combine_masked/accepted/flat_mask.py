"""Drops the two dimensions in front of the mask by name."""

import torch


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return the blend under a mask [h, w], spread over the batch."""
    weight = mask.squeeze(0).squeeze(0).expand_as(denoised)
    return weight * denoised + (1 - weight) * original
