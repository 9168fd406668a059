"""Estimates x_0, then takes the mean of x_{t-1} given both, as the DDPM paper derives it."""

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1} by way of the estimate of x_0."""
    alphas = 1 - betas
    alphas_cumprod = torch.cumprod(alphas, dim=0)
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[timestep - 1] if timestep > 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t - (1 - alpha_bar).sqrt() * noise_pred) / alpha_bar.sqrt()
    x_0_weight = alpha_bar_prev.sqrt() * betas[timestep] / (1 - alpha_bar)
    x_t_weight = alphas[timestep].sqrt() * (1 - alpha_bar_prev) / (1 - alpha_bar)
    mean = x_0_weight * x_0 + x_t_weight * x_t
    if timestep > 0:
        mean = mean + betas[timestep].sqrt() * z
    return mean
