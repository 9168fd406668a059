"""The model is called twice at every step.

The pictures are right, but they take twice as long: nearly all the time of a sampler is spent in the model. Call it
once a step and keep the prediction in a variable.
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
    """Return the picture, at twice the price."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        x_0 = (x - torch.sqrt(1 - alphas_cumprod[t]) * model(x, t)) / torch.sqrt(alphas_cumprod[t])
        noise_pred = model(x, t)
        noise_pred = noise_pred if x_0.isfinite().all() else torch.zeros_like(x)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
