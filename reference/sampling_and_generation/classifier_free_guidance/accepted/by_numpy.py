"""Goes through NumPy and back."""

import numpy as np
import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the guided prediction, computed by NumPy."""
    uncond, text = noise_pred_uncond.numpy(), noise_pred_text.numpy()
    return torch.from_numpy(np.asarray(uncond + guidance_scale * (text - uncond), dtype=uncond.dtype))
