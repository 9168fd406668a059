"""A small number is added under the root.

Adding 1e-5 before a root or a division is a habit that guards against zero. Here the value is never zero: 1 -
alpha-bar_t is at least beta_0. But it is small, 0.0001 on the usual schedules at timestep 0, so 1e-5 more makes the
last step remove a twentieth too little noise.
"""

import torch

CAUGHT_BY = "test_worked_numbers"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with a guard that changes it."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar + 1e-5) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
