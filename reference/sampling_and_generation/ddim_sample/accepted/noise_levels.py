"""Takes Euler steps down the noise level, as k-diffusion does."""

import math
from collections.abc import Callable

import torch


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, which at noise level 0 needs no rescaling."""
    alpha_bars = alphas_cumprod[timesteps].tolist()
    sigmas = [math.sqrt((1 - alpha_bar) / alpha_bar) for alpha_bar in alpha_bars] + [0.0]
    y = x_T / math.sqrt(alpha_bars[0])
    for i, timestep in enumerate(timesteps.tolist()):
        noise_pred = model(y / math.sqrt(1 + sigmas[i] ** 2), timestep)
        y = y + (sigmas[i + 1] - sigmas[i]) * noise_pred
    return y
