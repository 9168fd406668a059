"""beta of "cosine" is 1 minus the curve itself, without the ratio.

The curve f is alpha-bar, the share that is left after *all* steps so far. What one step takes away is the ratio of
two neighbours, 1 - f((t + 1) / T) / f(t / T). Without the ratio every step takes away as much as all the steps
before it together, and the picture is gone after a fraction of the way.
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
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[0]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product."""
    return torch.cumprod(1 - betas, dim=0)
