"""sigma comes from the posterior variance instead of beta_t.

beta_t (1 - alpha-bar_{t-1}) / (1 - alpha-bar_t) is the variance of x_{t-1} when x_0 is known. It is the other
choice that papers offer, valid in its place and nearly equal to beta_t at large timesteps, but the statement
asks for sqrt(beta_t).
"""

import torch

CAUGHT_BY = "test_sigma_squared_is_beta"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers with the smaller of the two usual variances."""
    beta = betas[timestep]
    alpha_bars = torch.cumprod(1 - betas, dim=0)
    alpha_bar = alpha_bars[timestep]
    before = alpha_bars[timestep - 1] if timestep > 0 else torch.ones(())
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    sigma = torch.sqrt(beta * (1 - before) / (1 - alpha_bar))
    return scale.item(), noise_coefficient.item(), sigma.item()
