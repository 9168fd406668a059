"""The product is taken from the last timestep backwards.

alpha-bar_t gathers the steps that x_t has been through: 0, 1, ..., t. Timestep 0 is the least noisy, with an
alpha-bar close to 1. Multiplied from the other end, the picture would be noisiest at timestep 0.
"""

import math

import torch

CAUGHT_BY = "test_later_betas_do_not_matter"


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas."""
    if schedule == "linear":
        return torch.linspace(1e-4, 0.02, num_train_timesteps)
    if schedule == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), num_train_timesteps) ** 2
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[:-1]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the product from t to the end."""
    return torch.cumprod((1 - betas).flip(0), dim=0).flip(0)
