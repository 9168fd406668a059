"""The alphas are returned as they are, not multiplied up.

alpha_t = 1 - beta_t says what one step leaves of the picture. alpha-bar_t says what all steps up to t have left, and
is the product of their alphas. On the linear schedule alpha_500 is 0.990, while alpha-bar_500 is 0.078.
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
    """Return what a single step leaves."""
    return 1 - betas
