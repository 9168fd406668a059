"""The ends of "linear" are scaled with the number of steps.

Some code multiplies 0.0001 and 0.02 by 1000 / T, so that short schedules end at the same noise as long ones. That is
sensible there; here the statement asks for the same ends for every T, as diffusers has them. With T = 1000 the two
are the same, which is why the mistake does not show there.
"""

import math

import torch

CAUGHT_BY = "test_linear_betas_are_evenly_spaced"


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas."""
    if schedule == "linear":
        scale = 1000 / num_train_timesteps
        return torch.linspace(scale * 1e-4, min(scale * 0.02, 0.999), num_train_timesteps)
    if schedule == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), num_train_timesteps) ** 2
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[:-1]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product."""
    return torch.cumprod(1 - betas, dim=0)
