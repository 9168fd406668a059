"""The noise coefficient is divided by 1 - alpha-bar_t instead of its square root.

1 - alpha-bar_t is the variance of the noise in x_t; noise_pred is scaled to spread 1, so its weight is
the standard deviation, the square root. Near timestep 0 the missing root makes the coefficient many
times too large: 1 instead of 0.01 at the start of the linear schedule.
"""

import torch

CAUGHT_BY = "test_mean_for_pictures_of_spread_1"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step without the root."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / (1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
