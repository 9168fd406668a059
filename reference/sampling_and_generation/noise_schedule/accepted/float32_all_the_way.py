"""Computes everything in float32, with the curve divided by its start as the paper has it."""

import math

import torch


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas in single precision."""
    if schedule == "cosine":
        left = torch.linspace(0, 1, num_train_timesteps + 1)
        f = torch.cos((left + 0.008) / (1 + 0.008) * math.pi * 0.5) ** 2
        alpha_bars = f / f[0]
        return torch.clip(1 - alpha_bars[1:] / alpha_bars[:-1], 0, 0.999)
    if schedule == "scaled_linear":
        return torch.linspace(0.00085**0.5, 0.012**0.5, num_train_timesteps).pow(2)
    return torch.linspace(0.0001, 0.02, steps=num_train_timesteps)


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product by a sum of logarithms."""
    return (1 - betas).log().cumsum(0).exp()
