"""Every step's noise has a seed of its own, counted on from the first.

Then the step noises of one seed are the start of the next: what was meant as another run shares its noise with this
one. Seed one generator once, and draw everything from it.
"""

from collections.abc import Callable
from typing import Any

import torch

CAUGHT_BY = "test_same_seed_same_results"


def two_runs_from_one_noise(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    shape: list[int],
    seed: int,
    betas: torch.Tensor,
    timesteps: torch.Tensor,
) -> dict[str, Any]:
    """Return step noise that is x_T of the seeds that follow."""
    generator = torch.Generator().manual_seed(seed)
    x_T = torch.randn(shape, generator=generator, dtype=betas.dtype)  # noqa: N806
    generators = [torch.Generator().manual_seed(seed + 1 + t) for t in range(len(betas))]
    step_noise = torch.stack([torch.randn(shape, generator=each, dtype=betas.dtype) for each in generators])
    visited = timesteps.tolist()
    held_by_ddpm = ddpm(model, x_T, betas, step_noise)
    held_by_ddim = ddim(model, x_T, betas, visited)
    distances = [(held_by_ddpm[t] - held_by_ddim[t]).abs().mean().item() for t in [*visited, -1]]
    return {
        "x_T": x_T,
        "step_noise": step_noise,
        "ddpm": held_by_ddpm[-1],
        "ddim": held_by_ddim[-1],
        "distances": distances,
    }


def ddpm(
    model: Callable[[torch.Tensor, int], torch.Tensor], x: torch.Tensor, betas: torch.Tensor, step_noise: torch.Tensor
) -> dict[int, torch.Tensor]:
    """Return the picture before the step at each timestep, and the result as that of timestep -1."""
    alphas_cumprod, held = torch.cumprod(1 - betas, dim=0), {}
    for t in reversed(range(len(betas))):
        held[t] = x
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * model(x, t)) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return {**held, -1: x}


def ddim(
    model: Callable[[torch.Tensor, int], torch.Tensor], x: torch.Tensor, betas: torch.Tensor, visited: list[int]
) -> dict[int, torch.Tensor]:
    """Return the picture before the leap at each visited timestep, and the result as that of timestep -1."""
    alphas_cumprod, held = torch.cumprod(1 - betas, dim=0), {}
    left = torch.cat([alphas_cumprod[visited], alphas_cumprod.new_ones(1)])
    for i, t in enumerate(visited):
        held[t] = x
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - left[i]) * noise_pred) / torch.sqrt(left[i])
        x = torch.sqrt(left[i + 1]) * x_0 + torch.sqrt(1 - left[i + 1]) * noise_pred
    return {**held, -1: x}
