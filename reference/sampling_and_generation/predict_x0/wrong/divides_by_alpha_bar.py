"""The result is divided by alpha-bar instead of its square root.

The noise is removed correctly, but the picture was weighted by sqrt(alpha-bar) and is now divided by its square. At
timestep 500 of the linear schedule the estimate comes out 3.6 times too large.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate, too large."""
    alpha_bar = alphas_cumprod[timestep]
    return (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / alpha_bar
