"""The model is told t + 1 at timestep t.

Papers count timesteps from 1 to T, code from 0 to T - 1, and the model here counts as the code does. With t + 1 it
takes every picture to be noisier than it is, and in the first call it gets timestep T, which it does not know.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_model_is_called_once_at_every_timestep"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture of a model that is one timestep ahead."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t + 1)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
