"""The betas of "cosine" are held between 0.0001 and 0.9999.

That is what some well-known code does. Here the upper limit is 0.999, and there is no lower limit: the first betas of a
long cosine schedule are smaller than 0.0001, and are meant to be.
"""

import math

import torch

CAUGHT_BY = "test_last_cosine_beta_is_limited"


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas."""
    if schedule == "linear":
        return torch.linspace(1e-4, 0.02, num_train_timesteps)
    if schedule == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), num_train_timesteps) ** 2
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[:-1]).clamp(0.0001, 0.9999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product."""
    return torch.cumprod(1 - betas, dim=0)
