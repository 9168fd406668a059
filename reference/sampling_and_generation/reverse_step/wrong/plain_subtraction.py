"""The predicted noise is subtracted as it is, without any coefficient.

x_t is not picture plus noise but a weighted sum of the two, and a step removes only its own small share.
On the linear schedule the coefficient is about 0.01 at timestep 500; subtracting the prediction in full
takes away a hundred steps' worth at once, and near the end of the run more noise than there is.
"""

import torch

CAUGHT_BY = "test_mean_for_pictures_of_spread_1"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_t minus the predicted noise."""
    beta = betas[timestep]
    mean = x_t - noise_pred
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
