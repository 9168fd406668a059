"""Fills tensors that were made beforehand, with functions of its own for estimate and leap."""

from collections.abc import Callable
from typing import Any

import torch


def estimate(x: torch.Tensor, noise_pred: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """Return x_0 as the prediction has it."""
    return x / alpha_bar**0.5 - ((1 - alpha_bar) / alpha_bar) ** 0.5 * noise_pred


def denoising_trajectory(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return the results out of two buffers."""
    n = len(timesteps)
    noisy = x_T.new_zeros(n + 1, *x_T.shape)
    estimates = torch.zeros_like(noisy[:n])
    noisy[0] = x_T
    for i in range(n):
        here = alphas_cumprod[timesteps[i]]
        noise_pred = model(noisy[i], timesteps[i].item())
        estimates[i] = estimate(noisy[i], noise_pred, here)
        there = alphas_cumprod[timesteps[i + 1]] if i + 1 < n else torch.ones_like(here)
        noisy[i + 1] = torch.sqrt(there) * estimates[i] + torch.sqrt(1 - there) * noise_pred
    changes = (estimates[1:] - estimates[:-1]).abs().reshape(n - 1, -1).mean(dim=1)
    return {
        "noisy": noisy[:n],
        "estimates": estimates,
        "result": noisy[n],
        "noise_levels": [torch.sqrt(1 - alphas_cumprod[t]) for t in timesteps],
        "shares": tuple((changes / changes.sum()).tolist()),
    }
