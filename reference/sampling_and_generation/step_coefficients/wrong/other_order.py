"""The three numbers come in another order: sigma before the noise coefficient.

A tuple has no names; only the order says which number is which. The statement asks for (scale, noise_coefficient,
sigma).
"""

import torch

CAUGHT_BY = "test_scale_and_noise_coefficient_follow_the_schedule"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers in another order."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    sigma = torch.sqrt(beta)
    return scale.item(), sigma.item(), noise_coefficient.item()
