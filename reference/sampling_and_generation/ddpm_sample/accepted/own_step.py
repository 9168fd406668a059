"""Calls a reverse step of its own, under other names, with the step in float64."""

from collections.abc import Callable

import torch


def one_step(x: torch.Tensor, eps: torch.Tensor, t: int, beta: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """Return the picture one timestep down."""
    beta = beta.double()
    alpha, alpha_bar = 1 - beta[t], torch.prod(1 - beta[: t + 1])
    mean = (x.double() - (1 - alpha) * torch.rsqrt(1 - alpha_bar) * eps.double()) * torch.rsqrt(alpha)
    return (mean + (t > 0) * beta[t].sqrt() * z.double()).to(x.dtype)


def ddpm_sample(
    network: Callable[[torch.Tensor, int], torch.Tensor],
    noise: torch.Tensor,
    beta: torch.Tensor,
    z: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, one step after the other."""
    image, t = noise, len(beta)
    while t > 0:
        t -= 1
        image = one_step(image, network(image, t), t, beta, z[t])
    return image
