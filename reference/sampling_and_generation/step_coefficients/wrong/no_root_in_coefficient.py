"""The noise coefficient is divided by 1 - alpha-bar_t instead of its square root.

1 - alpha-bar_t is the variance of the noise in x_t. noise_pred is scaled to spread 1, so its weight in x_t is the
standard deviation, the square root. At timestep 0 of the linear schedule the coefficient would be 1 instead of 0.01.
"""

import torch

CAUGHT_BY = "test_scale_and_noise_coefficient_follow_the_schedule"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers without the root."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / (1 - alpha_bar)
    sigma = torch.sqrt(beta)
    return scale.item(), noise_coefficient.item(), sigma.item()
