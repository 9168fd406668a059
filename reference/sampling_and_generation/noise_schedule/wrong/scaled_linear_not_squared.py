"""The evenly spaced roots of "scaled_linear" are returned without being squared.

The roots run from sqrt(0.00085) = 0.029 to sqrt(0.012) = 0.110. The betas are their squares, which run from 0.00085
to 0.012. Left as roots they destroy the picture ten times too fast.
"""

import math

import torch

CAUGHT_BY = "test_roots_of_scaled_linear_betas_are_evenly_spaced"


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas."""
    if schedule == "linear":
        return torch.linspace(1e-4, 0.02, num_train_timesteps)
    if schedule == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), num_train_timesteps)
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[:-1]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product."""
    return torch.cumprod(1 - betas, dim=0)
