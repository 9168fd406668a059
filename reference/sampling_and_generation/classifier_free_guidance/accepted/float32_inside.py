"""Computes in float32 and casts back."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the guided prediction with the dtype of the inputs."""
    uncond, text = noise_pred_uncond.float(), noise_pred_text.float()
    return (uncond + torch.tensor(guidance_scale) * (text - uncond)).to(noise_pred_uncond.dtype)
