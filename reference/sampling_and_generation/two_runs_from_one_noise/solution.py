"""Draws all noise once, and lets both runs write down what they hold at every timestep."""

from collections.abc import Callable
from typing import Any

import torch


def two_runs_from_one_noise(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    shape: list[int],
    seed: int,
    betas: torch.Tensor,
    timesteps: torch.Tensor,
) -> dict[str, Any]:
    """Return the noise, both results, and how far apart the runs are."""
    # step: Seed one generator, once.
    generator = torch.Generator().manual_seed(seed)
    # step: Draw all noise from it: x_T, and the fresh noise of every step.
    # blank: x_T = ____
    x_T = torch.randn(shape, generator=generator, dtype=betas.dtype)  # noqa: N806
    # blank: step_noise = ____
    step_noise = torch.randn([len(betas), *shape], generator=generator, dtype=betas.dtype)
    visited = timesteps.tolist()
    # step: Run DDPM and DDIM from the same x_T, and let both note what they hold at every timestep.
    # blank: held_by_ddpm = _ddpm(model, ____, betas, ____)
    held_by_ddpm = _ddpm(model, x_T, betas, step_noise)
    # blank: held_by_ddim = _ddim(model, ____, betas, visited)
    held_by_ddim = _ddim(model, x_T, betas, visited)
    # step: Compare the two pictures at each timestep that both visit, and the two results.
    # blank: distances = ____
    distances = [(held_by_ddpm[t] - held_by_ddim[t]).abs().mean().item() for t in [*visited, -1]]
    return {
        "x_T": x_T,
        "step_noise": step_noise,
        "ddpm": held_by_ddpm[-1],
        "ddim": held_by_ddim[-1],
        "distances": distances,
    }


def _ddpm(
    model: Callable[[torch.Tensor, int], torch.Tensor], x: torch.Tensor, betas: torch.Tensor, step_noise: torch.Tensor
) -> dict[int, torch.Tensor]:
    """Return the picture before the step at each timestep, and the result as that of timestep -1."""
    # step: As in your ddpm_sample, with a note before every step.
    # blank: alphas_cumprod, held = ____, {}
    alphas_cumprod, held = torch.cumprod(1 - betas, dim=0), {}
    # blank: for t in ____:
    for t in reversed(range(len(betas))):
        held[t] = x
        # blank: x = (x - ____ * model(x, t)) / ____
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * model(x, t)) / torch.sqrt(1 - betas[t])
        # blank: if ____:
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return {**held, -1: x}


def _ddim(
    model: Callable[[torch.Tensor, int], torch.Tensor], x: torch.Tensor, betas: torch.Tensor, visited: list[int]
) -> dict[int, torch.Tensor]:
    """Return the picture before the leap at each visited timestep, and the result as that of timestep -1."""
    # step: As in your ddim_sample, with a note before every leap.
    # blank: alphas_cumprod, held = ____, {}
    alphas_cumprod, held = torch.cumprod(1 - betas, dim=0), {}
    # blank: left = torch.cat([____, alphas_cumprod.new_ones(1)])
    left = torch.cat([alphas_cumprod[visited], alphas_cumprod.new_ones(1)])
    for i, t in enumerate(visited):
        held[t] = x
        noise_pred = model(x, t)
        # blank: x_0 = ____
        x_0 = (x - torch.sqrt(1 - left[i]) * noise_pred) / torch.sqrt(left[i])
        # blank: x = ____ * x_0 + ____ * noise_pred
        x = torch.sqrt(left[i + 1]) * x_0 + torch.sqrt(1 - left[i + 1]) * noise_pred
    return {**held, -1: x}
