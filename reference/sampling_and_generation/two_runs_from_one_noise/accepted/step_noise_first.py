"""Draws all noise in one call, the step noise before x_T, and keeps every picture in a list."""

from typing import Any

import numpy as np
import torch


def leap(x, eps, left, left_next):
    """Return DDIM's picture at the next level."""
    x_0 = (x - (1 - left).sqrt() * eps) / left.sqrt()
    return left_next.sqrt() * x_0 + (1 - left_next).sqrt() * eps


def two_runs_from_one_noise(
    model: Any, shape: list[int], seed: int, betas: torch.Tensor, timesteps: torch.Tensor
) -> dict[str, Any]:
    """Return the results, of which the distances are taken by NumPy."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.empty((len(betas) + 1, *shape), dtype=betas.dtype).normal_(generator=generator)
    step_noise, x_T = drawn[:-1], drawn[-1]  # noqa: N806
    left = torch.exp(torch.log1p(-betas).cumsum(0))
    ddpm = [x_T]  # from timestep T - 1 down: the picture at timestep t is entry T - 1 - t
    for t in reversed(range(len(betas))):
        mean = (ddpm[-1] - betas[t] / (1 - left[t]).sqrt() * model(ddpm[-1], t)) / (1 - betas[t]).sqrt()
        ddpm.append(mean + betas[t].sqrt() * step_noise[t] if t > 0 else mean)
    ddim = [x_T]
    levels = [*left[timesteps], torch.ones_like(left[0])]
    for i, t in enumerate(timesteps.tolist()):
        ddim.append(leap(ddim[-1], model(ddim[-1], t), levels[i], levels[i + 1]))
    partners = [ddpm[len(betas) - 1 - t] for t in timesteps.tolist()] + [ddpm[-1]]
    distances = [np.abs(one.numpy() - other.numpy()).mean() for one, other in zip(partners, ddim, strict=True)]
    return {"x_T": x_T, "step_noise": step_noise, "ddpm": ddpm[-1], "ddim": ddim[-1], "distances": distances}
