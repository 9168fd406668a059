"""The loop ends at timestep 1, so the last step is missing.

`range(T - 1, 0, -1)` leaves its end out, and with it timestep 0: T - 1 calls of the model instead of T. The result is
x_1. It still holds the fresh noise of the last step. Write `range(T - 1, -1, -1)` or `reversed(range(T))`.
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
    """Return the picture after all steps but the last."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in range(len(betas) - 1, 0, -1):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
