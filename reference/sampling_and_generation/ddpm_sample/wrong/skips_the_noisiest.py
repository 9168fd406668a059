"""The loop begins at timestep T - 2, so the first step is missing.

Timesteps count from 0, so the last of T betas has index T - 1, and that is where x_T belongs. Starting one lower
tells the model that x_T is less noisy than it is.
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
    """Return the picture after all steps but the first."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in range(len(betas) - 2, -1, -1):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
