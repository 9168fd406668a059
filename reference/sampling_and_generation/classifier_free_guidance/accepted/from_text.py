"""Starts at the text prediction and goes the rest of the way."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the text prediction plus what the scale has above 1."""
    return noise_pred_text + (guidance_scale - 1.0) * (noise_pred_text - noise_pred_uncond)
