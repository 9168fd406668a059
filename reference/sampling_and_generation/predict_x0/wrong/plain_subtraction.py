"""The predicted noise is subtracted as it is, and nothing else.

x_t is not picture plus noise but a weighted sum of the two, with both weights below 1. Taking the noise away in
full takes too much, and the picture that remains is still as faint as it was.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return x_t minus the predicted noise."""
    del timestep, alphas_cumprod  # ignoring them is the mistake
    return x_t - noise_pred
