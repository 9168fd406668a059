"""Goes through NumPy and returns its number."""

import numpy as np
import torch


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar as a NumPy float."""
    steps = timesteps.numpy()
    t_start = len(steps) - int(np.floor(len(steps) * strength))
    return np.float32(1) if t_start >= len(steps) else alphas_cumprod.numpy()[steps[t_start]]
