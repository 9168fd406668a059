"""The guided noise prediction, by the formula of the statement."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return noise_pred_uncond + guidance_scale * (noise_pred_text - noise_pred_uncond)."""
    return noise_pred_uncond + guidance_scale * (noise_pred_text - noise_pred_uncond)
