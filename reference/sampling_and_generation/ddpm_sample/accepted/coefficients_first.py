"""Computes all coefficients as float32 lists before the loop, and walks along reversed sequences."""

from collections.abc import Callable

import torch


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture; coefficients of no dimension leave the dtype of the picture as it is."""
    beta = betas.float()
    scale = torch.rsqrt(1 - beta)
    coefficient = beta * torch.rsqrt(1 - torch.cumprod(1 - beta, dim=0))
    sigma = torch.sqrt(beta)
    sigma[0] = 0.0
    steps = list(zip(range(len(beta)), scale, coefficient, sigma, step_noise, strict=True))
    image = x_T
    means = []
    for timestep, stretch, share, spread, z in reversed(steps):
        predicted = model(image, timestep)
        image = stretch * (image - share * predicted) + spread * z
        means.append(image.mean().item())
    return image
