"""One step of the reverse process, by the formula of the statement."""

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1} = (x_t - beta / sqrt(1 - alpha-bar) * noise_pred) / sqrt(alpha) + sqrt(beta) * z."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    if timestep == 0:
        return mean
    return mean + torch.sqrt(beta) * z
