"""The noise coefficient is divided by sqrt(alpha_t) as well.

Multiplied out, a step is x_t / sqrt(alpha_t) - beta_t / (sqrt(alpha_t) sqrt(1 - alpha-bar_t)) noise_pred, and
that second factor is a sensible number too. But here the scale stands in front of the bracket and applies to
both parts. With the scale inside the coefficient it would count twice.
"""

import torch

CAUGHT_BY = "test_scale_and_noise_coefficient_follow_the_schedule"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers of the step multiplied out."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar) / torch.sqrt(1 - beta)
    sigma = torch.sqrt(beta)
    return scale.item(), noise_coefficient.item(), sigma.item()
