"""The noise is scaled by beta_t instead of its square root.

beta_t is a variance; what multiplies z is a standard deviation, its square root. On the linear schedule beta_t is at
most 0.02 where the root is 0.14, so far too little noise is added and the pictures are smooth and washed out.
"""

import torch

CAUGHT_BY = "test_noise_has_spread_sqrt_beta"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with the variance as the spread."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + beta * z if timestep > 0 else mean
