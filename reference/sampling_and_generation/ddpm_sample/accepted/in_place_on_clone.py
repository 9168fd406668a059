"""Works in place on one copy, with Python's own floats for coefficients."""

import math
from collections.abc import Callable

import torch


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, built in a copy of x_T."""
    alpha_bars, product = [], 1.0
    for beta in betas.tolist():
        product *= 1.0 - beta
        alpha_bars.append(product)
    x = x_T.clone()
    for t in range(len(betas) - 1, 0, -1):
        take_step(x, model(x, t), betas[t].item(), alpha_bars[t])
        x.add_(step_noise[t], alpha=math.sqrt(betas[t].item()))
    take_step(x, model(x, 0), betas[0].item(), alpha_bars[0])
    return x


def take_step(x: torch.Tensor, noise_pred: torch.Tensor, beta: float, alpha_bar: float) -> None:
    """Turn x into the mean of the picture one timestep down."""
    x.sub_(noise_pred, alpha=beta / math.sqrt(1.0 - alpha_bar)).div_(math.sqrt(1.0 - beta))
