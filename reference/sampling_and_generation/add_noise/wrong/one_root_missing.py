"""The noise is weighted by 1 - alpha-bar, without its square root.

The picture's weight has its root and the noise's weight has not. 1 - alpha-bar is the variance of the noise,
and its root the weight. At timestep 0 of the linear schedule that is 0.01; without the root it is 0.0001, which
is hardly any noise at all.
"""

import torch

CAUGHT_BY = "test_unit_variance_stays"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures with too little noise."""
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    return torch.sqrt(alpha_bar) * x_0 + (1 - alpha_bar) * noise
