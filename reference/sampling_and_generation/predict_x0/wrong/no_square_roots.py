"""alpha-bar and 1 - alpha-bar are used without their square roots.

alpha-bar is a share of the *variance*; picture and noise are weighted by the roots, sqrt(alpha-bar) and sqrt(1
- alpha-bar). What was multiplied by a root must be divided by that root.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate without roots."""
    alpha_bar = alphas_cumprod[timestep]
    return (x_t - (1 - alpha_bar) * noise_pred) / alpha_bar
