"""Noise is added at the last step too.

Timestep 0 gives the finished picture: nothing comes after it that could remove what it adds. Noise there
stays in the picture as a fine grain. The formula has a case of its own for t = 0, in which z has no
effect.
"""

import torch

CAUGHT_BY = "test_last_step_adds_no_noise"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with noise at every timestep."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z
