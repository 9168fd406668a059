"""alpha_t is used under the root of the noise coefficient instead of alpha-bar_t.

noise_pred is *all* the noise in x_t, gathered over every step so far, so its weight in x_t is built from the running
product alpha-bar_t. With alpha_t the coefficient becomes sqrt(beta_t): 0.1003 instead of 0.0105 at timestep 500. At
timestep 0 the two are the same number.
"""

import torch

CAUGHT_BY = "test_scale_and_noise_coefficient_follow_the_schedule"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers with one step's noise."""
    beta = betas[timestep]
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - (1 - beta))
    sigma = torch.sqrt(beta)
    return scale.item(), noise_coefficient.item(), sigma.item()
