"""The last beta of "cosine" is not limited to 0.999.

The curve ends at zero, so the last step takes everything that is left: beta is 1, alpha is 0. A reverse step divides by
the square root of alpha, and its first division, at the noisiest timestep, is by zero or by rounding noise. That is
what the limit is for.
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
    return (1 - curve[1:] / curve[:-1]).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product."""
    return torch.cumprod(1 - betas, dim=0)
