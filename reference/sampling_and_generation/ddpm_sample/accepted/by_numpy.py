"""Keeps the picture as a NumPy array between the calls of the model."""

from collections.abc import Callable

import numpy as np
import torch


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, computed by NumPy."""
    beta, noise = betas.numpy(), step_noise.numpy()
    alpha_bar = np.cumprod(1.0 - beta)
    x = x_T.numpy()
    for t in np.arange(len(beta))[::-1]:
        noise_pred = model(torch.from_numpy(x), t).numpy()
        mean = (x - beta[t] / np.sqrt(1.0 - alpha_bar[t]) * noise_pred) / np.sqrt(1.0 - beta[t])
        x = mean if t == 0 else mean + np.sqrt(beta[t]) * noise[t]
        x = np.asarray(x, dtype=x_T.numpy().dtype)
    return torch.from_numpy(x)
