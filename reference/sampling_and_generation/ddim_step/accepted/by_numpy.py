"""Goes through NumPy and back."""

import numpy as np
import torch


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap, computed by NumPy."""
    bars = np.append(
        alphas_cumprod.numpy(), alphas_cumprod.numpy().dtype.type(1)
    )  # the entry at -1 is the one put last
    now, then = bars[timestep], bars[prev_timestep]
    x_0 = (x_t.numpy() - np.sqrt(1 - now) * noise_pred.numpy()) / np.sqrt(now)
    return torch.from_numpy(np.sqrt(then) * x_0 + np.sqrt(1 - then) * noise_pred.numpy())
