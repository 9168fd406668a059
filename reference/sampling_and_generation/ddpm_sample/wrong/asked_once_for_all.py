"""The model is called once, before the loop, and its prediction is used at every step.

Predicting the noise in one go does not work: from pure noise the best prediction is an average over all pictures. Small
steps help because the model looks again after every one of them. The call belongs inside the loop.
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
    """Return the picture of a single look."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    noise_pred = model(x, len(betas) - 1)
    for t in reversed(range(len(betas))):
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
