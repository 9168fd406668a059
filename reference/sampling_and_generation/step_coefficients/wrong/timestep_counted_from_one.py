"""The timestep is taken to start at 1: the entries one earlier are read.

Papers count the steps from 1, code counts from 0. A timestep here is an index into betas as it stands. On a
long schedule the neighbours are so close that the numbers look right; at timestep 0, one less is index -1, the
*last* beta.
"""

import torch

CAUGHT_BY = "test_later_betas_do_not_matter"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers of the timestep before."""
    beta = betas[timestep - 1]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep - 1]
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    sigma = torch.sqrt(beta)
    return scale.item(), noise_coefficient.item(), sigma.item()
