"""alpha-bar_t stops one factor short: it does not include alpha_t.

x_t has been through step t, so alpha_t is one of the factors. Shifted by one, the first alpha-bar is exactly 1: a
noised picture would contain no noise. Later formulas divide by 1 - alpha-bar_t, which is then zero.
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
    """Return the product up to the timestep before."""
    before = torch.cat([torch.ones(1, dtype=betas.dtype), 1 - betas[:-1]])
    return torch.cumprod(before, dim=0)
