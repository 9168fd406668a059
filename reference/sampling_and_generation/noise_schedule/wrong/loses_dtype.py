"""alpha-bar is float32, whatever dtype the betas have.

Somewhere the numbers pass through `.float()` or a tensor made without `dtype=`, and float64 betas come back as float32.
In a product of a thousand factors, every digit counts.
"""

import math

import torch

CAUGHT_BY = "test_leaves_betas_alone"


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
    """Return the product in single precision."""
    return torch.cumprod(1 - betas.float(), dim=0)
