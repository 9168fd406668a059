"""x_t is changed in place.

Operations that end in an underscore, and `-=`, write into the tensor they are called on, and here that is the caller's
x_t. The returned numbers are right, but code that still needs x_t (to plot the way, or to leap somewhere else from it)
finds it overwritten. Start from a copy, or use the operations that return a new tensor.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap, computed inside x_t."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    x_t -= torch.sqrt(1 - alpha_bar) * noise_pred
    x_t /= torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_t + torch.sqrt(1 - alpha_bar_prev) * noise_pred
