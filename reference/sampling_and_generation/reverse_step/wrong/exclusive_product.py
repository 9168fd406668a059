"""alpha-bar_t stops one factor short: it does not include alpha_t.

alpha-bar_t is the product of the alphas from 0 up to and including t, because x_t has been through step
t. The product up to t - 1 belongs to x_{t-1}. At timestep 0 it is the empty product, 1, and the
coefficient divides by zero.
"""

import torch

CAUGHT_BY = "test_mean_for_pictures_of_spread_1"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with alpha-bar of the step before."""
    beta = betas[timestep]
    alpha_bar = torch.prod(1 - betas[:timestep])
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
