"""The scale is sqrt(alpha_t) instead of 1 / sqrt(alpha_t).

On the way forward a step multiplies the picture by sqrt(alpha_t), which makes it smaller. The way back divides
by it. With the factor itself every reverse step would shrink the picture a second time.
"""

import torch

CAUGHT_BY = "test_scale_and_noise_coefficient_follow_the_schedule"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers with the scale of the way forward."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    scale = torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    sigma = torch.sqrt(beta)
    return scale.item(), noise_coefficient.item(), sigma.item()
