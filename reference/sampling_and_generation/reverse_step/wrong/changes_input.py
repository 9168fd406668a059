"""x_t is changed in place.

Operations that end in an underscore, and `-=`, write into the tensor they are called on, and here that is the caller's
x_t. The returned numbers are right, but code that still needs x_t (to plot the way, or to take another step from it)
finds it overwritten. Start from a copy, or use the operations that return a new tensor.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step, computed inside x_t."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    x_t -= beta / torch.sqrt(1 - alpha_bar) * noise_pred
    x_t /= torch.sqrt(1 - beta)
    return x_t + torch.sqrt(beta) * z if timestep > 0 else x_t
