"""Goes through NumPy and back."""

import numpy as np
import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1}, computed by NumPy."""
    alphas = 1.0 - betas.numpy()
    alpha_bar = np.cumprod(alphas)[timestep]
    beta = betas.numpy()[timestep]
    mean = (x_t.numpy() - beta / np.sqrt(1 - alpha_bar) * noise_pred.numpy()) / np.sqrt(1 - beta)
    if timestep != 0:
        mean = mean + np.sqrt(beta) * z.numpy()
    return torch.from_numpy(np.asarray(mean, dtype=x_t.numpy().dtype))
