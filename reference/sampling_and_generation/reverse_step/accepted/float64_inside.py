"""Computes in float64 and casts back; the running product by logarithms."""

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1}, computed in double precision."""
    betas = betas.to(torch.float64)
    beta = betas[timestep]
    alpha_bar = torch.exp(torch.cumsum(torch.log1p(-betas), dim=0))[timestep]
    mean = (x_t.double() - beta / torch.sqrt(1.0 - alpha_bar) * noise_pred.double()) * torch.rsqrt(1.0 - beta)
    noise = torch.where(torch.tensor(timestep > 0), torch.sqrt(beta) * z.double(), torch.zeros_like(mean))
    return (mean + noise).to(x_t.dtype)
