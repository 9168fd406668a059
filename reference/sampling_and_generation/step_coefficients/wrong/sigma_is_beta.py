"""sigma is beta_t instead of its square root.

beta_t is a variance; what multiplies z is a standard deviation, its square root. On the linear schedule beta_t is at
most 0.02 where the root is 0.14, so far too little noise is added and the pictures are smooth and washed out.
"""

import torch

CAUGHT_BY = "test_sigma_squared_is_beta"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers with the variance for sigma."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    sigma = beta
    return scale.item(), noise_coefficient.item(), sigma.item()
