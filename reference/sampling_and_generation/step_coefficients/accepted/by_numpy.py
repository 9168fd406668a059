"""Returns NumPy's numbers."""

import numpy as np
import torch


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers, computed by NumPy."""
    alphas = 1 - betas.numpy()
    alpha_bar = np.cumprod(alphas)[timestep]
    beta = betas.numpy()[timestep]
    return 1 / np.sqrt(1 - beta), beta / np.sqrt(1 - alpha_bar), np.sqrt(beta)
