"""sigma is set to 0 at timestep 0.

It is true that the last step adds no noise. But that is a rule of the step, not of the schedule: the statement asks for
sqrt(beta_t) at every timestep, and the code that takes the step leaves z out at the end.
"""

import torch

CAUGHT_BY = "test_sigma_squared_is_beta"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers with the rule of the last step in them."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    sigma = torch.sqrt(beta) if timestep > 0 else torch.zeros(())
    return scale.item(), noise_coefficient.item(), sigma.item()
