"""alpha-bar_t stops one factor short: it does not include alpha_t.

x_t has been through step t, so alpha_t is one of the factors. Without it the product belongs to x_{t-1}. At timestep 0
it is the empty product, 1, and the noise coefficient divides by zero.
"""

import torch

CAUGHT_BY = "test_scale_and_noise_coefficient_follow_the_schedule"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers with alpha-bar of the step before."""
    beta = betas[timestep]
    alpha_bar = torch.prod(1 - betas[:timestep])
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    sigma = torch.sqrt(beta)
    return scale.item(), noise_coefficient.item(), sigma.item()
