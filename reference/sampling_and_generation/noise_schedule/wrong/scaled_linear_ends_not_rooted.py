"""In "scaled_linear" the betas are evenly spaced and then squared: the roots of the two ends are missing.

Scaled-linear goes evenly from sqrt(0.00085) to sqrt(0.012), and then squares. Squared without those roots, the
largest beta is 0.000144 instead of 0.012, and hardly any noise is ever added.
"""

import math

import torch

CAUGHT_BY = "test_roots_of_scaled_linear_betas_are_evenly_spaced"


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas."""
    if schedule == "linear":
        return torch.linspace(1e-4, 0.02, num_train_timesteps)
    if schedule == "scaled_linear":
        return torch.linspace(0.00085, 0.012, num_train_timesteps) ** 2
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - curve[1:] / curve[:-1]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product."""
    return torch.cumprod(1 - betas, dim=0)
