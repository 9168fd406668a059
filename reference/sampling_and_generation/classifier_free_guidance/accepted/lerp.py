"""Interpolates with torch.lerp, past the end."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the way from one prediction to the other, and past it."""
    return torch.lerp(noise_pred_uncond, noise_pred_text, guidance_scale)
