"""The numbers of a reverse step, by the formulas of the statement."""

import torch


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return 1 / sqrt(alpha), beta / sqrt(1 - alpha-bar) and sqrt(beta)."""
    # step: Look up beta, and multiply all alphas up to and including this timestep.
    beta = betas[timestep]
    # blank: alpha_bar = ____[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    # step: Compute what the picture is scaled by.
    # blank: scale = ____
    scale = 1 / torch.sqrt(1 - beta)
    # step: Compute what the predicted noise is multiplied by.
    # blank: noise_coefficient = ____
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    # step: Return both, and the spread of the fresh noise, as numbers of Python.
    # blank: return scale.item(), noise_coefficient.item(), ____.item()
    return scale.item(), noise_coefficient.item(), torch.sqrt(beta).item()
