"""The guided noise prediction, by the formula of the statement."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return noise_pred_uncond + guidance_scale * (noise_pred_text - noise_pred_uncond)."""
    # step: Find the direction from the prediction without a prompt to the one with it.
    # step: Begin at the prediction without a prompt, and go guidance_scale times as far in that direction.
    # blank: return ____ + guidance_scale * ____
    return noise_pred_uncond + guidance_scale * (noise_pred_text - noise_pred_uncond)
