"""The result is float32, whatever dtype x_T has.

Somewhere the numbers pass through `.float()` or a tensor made without `dtype=`, and float64 noise comes back as a
float32 picture. Make new tensors with the dtype of x_T.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_keeps_shape_and_dtype"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture in single precision."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x.float()
