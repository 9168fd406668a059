"""The numbers of a reverse step, by the formulas of the statement."""

import torch


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return 1 / sqrt(alpha), beta / sqrt(1 - alpha-bar) and sqrt(beta)."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    scale = 1 / torch.sqrt(1 - beta)
    noise_coefficient = beta / torch.sqrt(1 - alpha_bar)
    return scale.item(), noise_coefficient.item(), torch.sqrt(beta).item()
