"""The scale is 1 / sqrt(alpha-bar_t) instead of 1 / sqrt(alpha_t).

A reverse step undoes one step, and one step shrank the picture by sqrt(alpha_t). sqrt(alpha-bar_t) undoes all
steps at once, and the next timestep would do it again: at timestep 950 of the linear schedule the scale is 97
instead of 1.01. At timestep 0 the two are the same number.
"""

import torch

CAUGHT_BY = "test_scale_and_noise_coefficient_follow_the_schedule"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers with the scale of the whole way."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    scale = 1 / torch.sqrt(alpha_bar)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    sigma = torch.sqrt(beta)
    return scale.item(), noise_coefficient.item(), sigma.item()
