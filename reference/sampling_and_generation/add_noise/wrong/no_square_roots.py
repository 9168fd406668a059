"""alpha-bar itself weights the picture, and 1 - alpha-bar the noise, without the square roots.

alpha-bar is a share of the *variance*. Variances add up, and the numbers themselves are weighted by the square
roots. Without the roots the variance shrinks on the way: where alpha-bar is a half, 0.25 + 0.25 is all that is
left of 1, and the model sees pictures fainter than any it was trained for.
"""

import torch

CAUGHT_BY = "test_unit_variance_stays"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures weighted by variances."""
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    return alpha_bar * x_0 + (1 - alpha_bar) * noise
