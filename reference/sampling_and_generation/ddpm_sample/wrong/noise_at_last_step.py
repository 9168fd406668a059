"""Noise is added at the last step too.

Nothing after timestep 0 could take the noise away again: it stays in the finished picture as a fine grain.
step_noise[0] is only there so that step_noise[t] belongs to timestep t.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_last_step_adds_no_noise"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture with noise in it."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
