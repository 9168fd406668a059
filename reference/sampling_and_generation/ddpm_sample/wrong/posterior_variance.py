"""The fresh noise has the posterior variance instead of beta_t.

beta_t (1 - alpha-bar_{t-1}) / (1 - alpha-bar_t) is the other choice that papers offer. It is valid in its place and
nearly equal to beta_t at large timesteps, but the statement asks for beta_t.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_noise_of_every_step_reaches_the_picture"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture with the smaller of the two usual variances."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            left = (1 - alphas_cumprod[t - 1]) / (1 - alphas_cumprod[t])
            x = x + torch.sqrt(betas[t] * left) * step_noise[t]
    return x
