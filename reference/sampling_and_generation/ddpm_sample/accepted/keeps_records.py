"""The loop with a protocol of plain numbers and of coefficients, which takes no memory worth speaking of."""

from collections.abc import Callable

import torch


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, having noted the mean of every one on the way."""
    x, means = x_T.clone(), []
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    for t in torch.arange(len(betas)).flip(0):
        noise_pred = model(x, t)
        x = (x - betas[t] / (1 - alphas_cumprod[t]) ** 0.5 * noise_pred) / (1 - betas[t]) ** 0.5
        x = x + (t > 0) * betas[t] ** 0.5 * step_noise[t]
        means.append(x.mean())
    return x
