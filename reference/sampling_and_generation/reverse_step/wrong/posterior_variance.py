"""The noise has the posterior variance instead of beta_t.

beta_t (1 - alpha-bar_{t-1}) / (1 - alpha-bar_t) is the variance of x_{t-1} when x_0 is known. It is the
other choice that papers offer, valid in its place and nearly equal to beta_t at large timesteps, but the
statement asks for beta_t. The two differ most near the end: at timestep 1 of the linear schedule the
posterior variance is about half of beta_t.
"""

import torch

CAUGHT_BY = "test_noise_has_spread_sqrt_beta"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with the smaller of the two usual variances."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    if timestep == 0:
        return mean
    before = torch.cumprod(1 - betas, dim=0)[timestep - 1]
    return mean + torch.sqrt(beta * (1 - before) / (1 - alpha_bar)) * z
