"""Keeps the picture as a NumPy array between the calls of the model."""

from collections.abc import Callable

import numpy as np
import torch


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, computed by NumPy."""
    alpha_bar = np.append(alphas_cumprod.numpy()[timesteps.numpy()], 1.0).astype(np.float64)
    x = x_T.numpy().astype(np.float64)
    for place, t in enumerate(timesteps.numpy()):
        eps = model(torch.from_numpy(x), t).numpy()
        x_0 = (x - np.sqrt(1 - alpha_bar[place]) * eps) / np.sqrt(alpha_bar[place])
        x = np.sqrt(alpha_bar[place + 1]) * x_0 + np.sqrt(1 - alpha_bar[place + 1]) * eps
    return torch.from_numpy(x).to(x_T.dtype)
