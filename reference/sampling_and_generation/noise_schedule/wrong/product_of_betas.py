"""The betas are multiplied instead of 1 - beta.

beta_t is the share of noise that step t adds; what is left of the picture is 1 - beta_t. The product of the betas
themselves is almost 0 after two steps, so the picture seems to be gone at once. Turn every beta into an alpha first,
then multiply.
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
    """Return the product of the wrong numbers."""
    return torch.cumprod(betas, dim=0)
