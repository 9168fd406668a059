"""Puts both into one batch first, as pipelines have them."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the guided prediction from the halves of a batch."""
    uncond, text = torch.cat([noise_pred_uncond, noise_pred_text]).chunk(2)
    return torch.add(uncond, text - uncond, alpha=guidance_scale)
