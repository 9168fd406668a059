"""Adds dimensions until the weights fit, as schedulers do."""

import torch


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures, with weights of as many dimensions."""
    signal, grain = alphas_cumprod[timesteps] ** 0.5, (1 - alphas_cumprod[timesteps]) ** 0.5
    while signal.dim() < x_0.dim():
        signal, grain = signal.unsqueeze(-1), grain.unsqueeze(-1)
    return signal * x_0 + grain * noise
