"""Computes in the other precision and casts back."""

import torch


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures with the dtype of x_0, whatever dtype they were computed in."""
    inside = torch.float64 if x_0.dtype == torch.float32 else torch.float32
    alpha_bar = alphas_cumprod.to(inside).gather(0, timesteps).reshape(-1, 1, 1, 1)
    noisy = torch.sqrt(alpha_bar) * x_0.to(inside) + torch.sqrt(1.0 - alpha_bar) * noise.to(inside)
    return noisy.to(x_0.dtype)
