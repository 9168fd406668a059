"""alpha-bar is computed as 1 minus the sum of the betas.

The shares that are left multiply: after two steps with beta 0.1 and 0.2 it is 0.9 * 0.8 = 0.72, not 1 - 0.3. For a
few small betas the two are close, but the sum goes on growing, and alpha-bar becomes negative: on the linear
schedule after about a third of the way.
"""

import math

import torch

CAUGHT_BY = "test_alpha_bar_is_the_running_product"


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
    """Return what is left if losses added up."""
    return 1 - torch.cumsum(betas, dim=0)
