"""Writes it as two weights that add up to 1."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the weighted sum of both predictions."""
    return guidance_scale * noise_pred_text + (1 - guidance_scale) * noise_pred_uncond
