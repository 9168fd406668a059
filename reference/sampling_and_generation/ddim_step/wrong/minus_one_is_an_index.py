"""prev_timestep = -1 is used as an index, and Python takes the last entry for it.

-1 stands for the clean picture, with alpha-bar 1. As an index it means the *last* alpha-bar, that of the
noisiest timestep: the final leap, which should end at the picture, ends in noise. No error is raised, which
makes the mistake hard to see.
"""

import torch

CAUGHT_BY = "test_last_leap_ends_at_the_estimate"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap, the last one to the noisy end."""
    alpha_bar, alpha_bar_prev = alphas_cumprod[timestep], alphas_cumprod[prev_timestep]
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise_pred
