"""Loops over the batch."""

import torch


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures, noised one after the other."""
    noisy = []
    for picture, its_noise, t in zip(x_0, noise, timesteps, strict=True):
        alpha_bar = alphas_cumprod[t]
        noisy.append(alpha_bar.sqrt() * picture + (1 - alpha_bar).sqrt() * its_noise)
    return torch.stack(noisy)
