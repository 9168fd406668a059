"""Pictures noised to their own timesteps, by the formula of the statement."""

import torch


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return sqrt(alpha-bar) * x_0 + sqrt(1 - alpha-bar) * noise, with one alpha-bar for each picture."""
    # step: Look up one alpha-bar for each picture, in a shape that goes with [B, C, H, W].
    # blank: alpha_bar = ____
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    # step: Add picture and noise, each with its own weight.
    # blank: return ____ * x_0 + ____ * noise
    return torch.sqrt(alpha_bar) * x_0 + torch.sqrt(1 - alpha_bar) * noise
