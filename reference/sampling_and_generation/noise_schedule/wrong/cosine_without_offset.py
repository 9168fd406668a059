"""The 0.008 is missing from the cosine.

The small offset keeps the first betas from being nearly zero: with T = 1000 the first one is 0.000041 with it and
0.0000025 without. So little noise is almost impossible for the model to find. (u + 0.008) / 1.008 still ends at 1.
"""

import math

import torch

CAUGHT_BY = "test_cosine_betas_follow_the_curve"


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas."""
    if schedule == "linear":
        return torch.linspace(1e-4, 0.02, num_train_timesteps)
    if schedule == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), num_train_timesteps) ** 2
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    curve = torch.cos(left * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[:-1]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product."""
    return torch.cumprod(1 - betas, dim=0)
