"""Goes through NumPy and back."""

import numpy as np
import torch


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the start, computed by NumPy."""
    steps = timesteps.numpy()
    start = len(steps) - int(np.floor(len(steps) * strength))
    remaining = torch.from_numpy(steps[start:].copy())
    if strength >= 1:
        return noise, remaining
    if start == len(steps):
        return z_0, remaining
    alpha_bar = alphas_cumprod.numpy()[steps[start]]
    z_start = np.sqrt(alpha_bar) * z_0.numpy() + np.sqrt(1 - alpha_bar) * noise.numpy()
    return torch.from_numpy(z_start.astype(z_0.numpy().dtype)), remaining
