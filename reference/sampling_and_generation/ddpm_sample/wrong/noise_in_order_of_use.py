"""The noise is taken in the order of the loop: step_noise[0] first.

The first step is the one at timestep T - 1, and its noise is step_noise[T - 1]. A counter that runs from 0 upwards
gives it step_noise[0] instead. The picture looks just as good, but it is not the one that step_noise defines.
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
    """Return the picture with the noise turned around."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for i, t in enumerate(reversed(range(len(betas)))):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[i]
    return x
