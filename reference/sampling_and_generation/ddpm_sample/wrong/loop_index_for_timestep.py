"""The model gets the index of the loop, which counts up, instead of the timestep.

`enumerate` counts 0, 1, 2, ... while the timesteps go T - 1, T - 2, ... The step itself is right, but the model is told
at the start that pure noise is a nearly clean picture, and at the end the opposite. Give it t.
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
    """Return the picture of a model that is misled about the time."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for i, t in enumerate(reversed(range(len(betas)))):
        noise_pred = model(x, i)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
