"""Goes through NumPy and back."""

import numpy as np
import torch


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures, noised by NumPy."""
    alpha_bar = alphas_cumprod.numpy()[timesteps.numpy()][:, None, None, None]
    return torch.from_numpy(np.sqrt(alpha_bar) * x_0.numpy() + np.sqrt(1 - alpha_bar) * noise.numpy())
