"""Estimates x_0 at every step, and goes by tensors of timesteps instead of ints."""

from collections.abc import Callable

import torch


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture by way of the estimates of x_0."""
    alphas = 1 - betas
    alphas_cumprod = torch.cumprod(alphas, dim=0)
    alphas_cumprod_prev = torch.cat([torch.ones_like(betas[:1]), alphas_cumprod[:-1]])
    x_0_weights = torch.sqrt(alphas_cumprod_prev) * betas / (1 - alphas_cumprod)
    x_t_weights = torch.sqrt(alphas) * (1 - alphas_cumprod_prev) / (1 - alphas_cumprod)
    x_t = x_T.clone()
    for t in torch.arange(len(betas) - 1, -1, -1):
        noise_pred = model(x_t, t)
        x_0 = (x_t - torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(alphas_cumprod[t])
        z = step_noise[t] if t > 0 else torch.zeros_like(x_t)
        x_t = x_0_weights[t] * x_0 + x_t_weights[t] * x_t + torch.sqrt(betas[t]) * z
    return x_t
