"""Goes through NumPy and back."""

import numpy as np
import torch


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate, computed by NumPy."""
    alpha_bar = alphas_cumprod.numpy()[timestep]
    estimate = (x_t.numpy() - np.sqrt(1 - alpha_bar) * noise_pred.numpy()) / np.sqrt(alpha_bar)
    return torch.from_numpy(np.asarray(estimate, dtype=x_t.numpy().dtype))
