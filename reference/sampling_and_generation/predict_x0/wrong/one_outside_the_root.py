"""The 1 is subtracted after the root: sqrt(1/alpha-bar) - 1 for sqrt(1/alpha-bar - 1).

Public code keeps both weights as buffers, `sqrt_recip` and `sqrt_recipm1`, whose names differ in two letters. Where
alpha-bar is 0.64 the noise then counts 0.25 instead of 0.75, and most of it stays in the picture.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate with noise left in it."""
    weight = torch.sqrt(1 / alphas_cumprod[timestep])
    return weight * x_t - (weight - 1) * noise_pred
