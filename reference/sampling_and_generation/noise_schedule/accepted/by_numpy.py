"""Goes through NumPy and back."""

import numpy as np
import torch


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas, computed by NumPy."""
    match schedule:
        case "linear":
            betas = np.linspace(0.0001, 0.02, num_train_timesteps)
        case "scaled_linear":
            betas = np.square(np.linspace(0.00085**0.5, 0.012**0.5, num_train_timesteps))
        case "cosine":
            left = np.linspace(0, 1, num_train_timesteps + 1)
            alpha_bars = np.cos((left + 0.008) / 1.008 * np.pi / 2) ** 2
            betas = np.minimum(1 - alpha_bars[1:] / alpha_bars[:-1], 0.999)
        case _:
            raise ValueError(f"There is no schedule {schedule!r}.")
    return torch.from_numpy(betas.astype(np.float32))


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product, computed by NumPy."""
    return torch.from_numpy(np.cumprod(1.0 - betas.numpy()))
