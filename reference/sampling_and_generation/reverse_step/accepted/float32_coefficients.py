"""Keeps its coefficients as float32 tensors, also for float64 pictures."""

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1}; coefficients of no dimension leave the dtype of x_t as it is."""
    beta = torch.tensor(betas[timestep].item())
    alpha_bar = torch.tensor(torch.prod(1 - betas[: timestep + 1]).item())
    mean = torch.rsqrt(1 - beta) * (x_t - beta * torch.rsqrt(1 - alpha_bar) * noise_pred)
    return mean + beta**0.5 * z if timestep else mean
