"""Each step jumps to the estimate of x_0 and covers it with fresh noise, instead of going a small step.

The estimate is noised again to the level of t - 1, with alpha-bar_{t-1} and noise that has nothing to do with what was
there. The amount of noise is right at every timestep, but nearly all of the picture is thrown away each time,
and with it what the steps before have decided: the results are not spread as the data is. A reverse step keeps most
of the picture and adds noise of sqrt(beta_t) only.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_every_number_ends_where_a_perfect_model_leads"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the last of T estimates, each noised anew for the next one."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x = (x - torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(alphas_cumprod[t])
        if t > 0:
            x = torch.sqrt(alphas_cumprod[t - 1]) * x + torch.sqrt(1 - alphas_cumprod[t - 1]) * step_noise[t]
    return x
