"""The noise is weighted by 1 - alpha-bar, without its square root.

1 - alpha-bar is the variance of the noise in x_t, and its root the weight. Without the root too little noise is
taken away: where alpha-bar is 0.36 it is 0.64 of the prediction instead of 0.8, and the rest stays in the
picture.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate with noise left in it."""
    alpha_bar = alphas_cumprod[timestep]
    return (x_t - (1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
