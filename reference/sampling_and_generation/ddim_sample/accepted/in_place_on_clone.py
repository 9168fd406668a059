"""Works in place on one copy, with two coefficients a leap as Python's own floats."""

import math
from collections.abc import Callable

import torch


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, built in a copy of x_T."""
    x = x_T.clone()
    rest = timesteps.tolist()
    while rest:
        t = rest.pop(0)
        now = alphas_cumprod[t].item()
        then = alphas_cumprod[rest[0]].item() if rest else 1.0
        noise_pred = model(x, t)
        x.mul_(math.sqrt(then / now))
        x.add_(noise_pred, alpha=math.sqrt(1 - then) - math.sqrt(then * (1 - now) / now))
    return x
