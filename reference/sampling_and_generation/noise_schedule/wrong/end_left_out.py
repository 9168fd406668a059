""" "linear" stops one step short of 0.02.

Both ends belong to the schedule: with T betas there are T - 1 gaps between them. Dividing the way by T, as
`torch.arange` and `range` suggest, leaves the last beta one gap below 0.02.
"""

import math

import torch

CAUGHT_BY = "test_linear_betas_are_evenly_spaced"


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas."""
    if schedule == "linear":
        return 1e-4 + (0.02 - 1e-4) * torch.arange(num_train_timesteps) / num_train_timesteps
    if schedule == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), num_train_timesteps) ** 2
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[:-1]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product."""
    return torch.cumprod(1 - betas, dim=0)
