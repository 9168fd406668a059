"""The mean is divided by sqrt(alpha-bar_t) instead of sqrt(alpha_t).

A reverse step undoes one step, and one step shrank the picture by sqrt(alpha_t). Dividing by sqrt(alpha-
bar_t) undoes the shrinking of all steps at once, and then again at the next timestep: the numbers
explode. At timestep 0 the two are the same number, which is why the mistake does not show there.
"""

import torch

CAUGHT_BY = "test_picture_without_noise_goes_one_timestep_back"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with the scale of the whole way."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
