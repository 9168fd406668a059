"""No noise is added at timestep 1 either.

Papers count the timesteps from 1, so their last step is t = 1 and they write "z = 0 if t = 1". Here they are counted
from 0: the last step is t = 0, and at t = 1 there is still one step to come.
"""

import torch

CAUGHT_BY = "test_noise_has_spread_sqrt_beta"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step, with fresh noise above timestep 1 only."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 1 else mean
