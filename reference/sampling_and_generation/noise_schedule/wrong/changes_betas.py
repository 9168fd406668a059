"""The betas are overwritten with the alphas.

Operations that end in an underscore write into the tensor they are called on, and here that is the caller's. The
returned numbers are right, but the caller's betas have turned into alphas, and the next reverse step takes them for
an enormous noise. `1 - betas` makes a new tensor.
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
    """Return the running product."""
    alphas = betas.neg_().add_(1)
    return torch.cumprod(alphas, dim=0)
