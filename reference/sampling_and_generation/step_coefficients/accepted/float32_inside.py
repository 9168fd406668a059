"""Computes in float32 whatever comes in, beta from neighbouring alpha-bars."""

import torch


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers from the alpha-bars alone, in single precision."""
    alpha_bars = torch.cat([torch.ones(1), torch.cumprod(1 - betas.float(), dim=0)])
    alpha = alpha_bars[timestep + 1] / alpha_bars[timestep]
    beta = 1 - alpha
    coefficient = beta / torch.sqrt(1 - alpha_bars[timestep + 1])
    return float(1 / alpha.sqrt()), float(coefficient), float(beta.sqrt())
