"""Each step jumps to the estimate of x_0 and covers it with fresh noise, instead of going a small step.

The estimate is noised again to the level of t - 1, with alpha-bar_{t-1} and noise that has nothing to do with what was
there. The amount of noise is right, so nothing looks wrong, but nearly all of x_t is thrown away, and with
it what the steps before have decided. A reverse step keeps most of x_t and adds noise of sqrt(beta_t) only.
"""

import torch

CAUGHT_BY = "test_mean_for_pictures_of_spread_1"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the estimate of x_0, noised anew to the previous timestep."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    alpha_bar = alphas_cumprod[timestep]
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    if timestep == 0:
        return x_0
    previous = alphas_cumprod[timestep - 1]
    return torch.sqrt(previous) * x_0 + torch.sqrt(1 - previous) * z
