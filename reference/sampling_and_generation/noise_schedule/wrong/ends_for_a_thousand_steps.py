"""The ends of the linear schedules are scaled by 1000 / T.

Some code bases stretch the betas of shorter schedules, so that as little of the picture is left at their end. Here, and
in Stable Diffusion, the ends 0.0001, 0.02, 0.00085 and 0.012 are the same for every T.
"""

import math

import torch

CAUGHT_BY = "test_linear_betas_are_evenly_spaced"


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas of the named schedule, the linear ones stretched by 1000 / T."""
    stretch = 1000 / num_train_timesteps
    if schedule == "linear":
        return torch.linspace(1e-4 * stretch, 0.02 * stretch, num_train_timesteps)
    if schedule == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085 * stretch), math.sqrt(0.012 * stretch), num_train_timesteps) ** 2
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[:-1]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the product of 1 - beta up to and including each timestep."""
    return torch.cumprod(1 - betas, dim=0)
