"""Works in place, on a copy."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the guided prediction, built in a copy."""
    guided = noise_pred_text.clone()
    guided.sub_(noise_pred_uncond).mul_(guidance_scale).add_(noise_pred_uncond)
    return guided
