"""Loops over the numbers with Python's own floats."""

import math

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1}, one number after the other."""
    alpha_bar = 1.0
    for beta in betas[: timestep + 1].tolist():
        alpha_bar *= 1.0 - beta
    beta = float(betas[timestep])
    coefficient, sigma = beta / math.sqrt(1.0 - alpha_bar), math.sqrt(beta) if timestep else 0.0
    numbers = zip(x_t.flatten().tolist(), noise_pred.flatten().tolist(), z.flatten().tolist(), strict=True)
    result = [(x - coefficient * eps) / math.sqrt(1.0 - beta) + sigma * fresh for x, eps, fresh in numbers]
    return torch.tensor(result, dtype=x_t.dtype).reshape(x_t.shape)
