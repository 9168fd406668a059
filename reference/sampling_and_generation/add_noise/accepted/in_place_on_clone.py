"""Works in place, on a copy, in Einstein's notation."""

import torch


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures, built in a copy of x_0."""
    signal = alphas_cumprod.index_select(0, timesteps).sqrt()
    grain = torch.sqrt(1 - alphas_cumprod)[timesteps]
    noisy = x_0.clone()
    noisy.mul_(signal[:, None, None, None])
    noisy.add_(torch.einsum("b,bchw->bchw", grain, noise))
    return noisy
