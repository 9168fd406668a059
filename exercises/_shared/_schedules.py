"""Noise schedules and the timesteps that samplers visit."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

import torch

Schedule = Literal["free", "linear", "scaled_linear"]
Spacing = Literal["leading", "linspace", "trailing", "uneven"]

SCHEDULES: tuple[Schedule, ...] = ("free", "linear", "scaled_linear")
SPACINGS: tuple[Spacing, ...] = ("leading", "linspace", "trailing", "uneven")
LONGEST_FREE = 8  # of schedules with betas of any size: alpha-bar stays a normal number in float32


def make_betas(kind: Schedule, length: int, seed: int = 0) -> torch.Tensor:
    """Return `length` betas `[T]` in float64 of one of the `SCHEDULES`.

    "linear" goes from 1e-4 to 0.02, "scaled_linear" from 0.00085 to 0.012 linearly in the square root; "free"
    has any numbers from 1e-4 to 0.99 (in draws so few that alpha-bar stays a normal number in float32).
    """
    if kind == "linear":
        return torch.linspace(1e-4, 0.02, length, dtype=torch.float64)
    if kind == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), length, dtype=torch.float64) ** 2
    drawn = torch.rand(length, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (drawn**2).round(decimals=2).clamp(1e-4, 0.99)


def spaced_timesteps(
    spacing: Spacing, num_inference_steps: int, num_train_timesteps: int, *, steps_offset: int = 0, seed: int = 0
) -> torch.Tensor:
    """Return a sampler's timesteps `[n]` (int64), from the noisiest to the least noisy.

    With T training timesteps, "leading" are the multiples of T // n plus `steps_offset`, "linspace" are n numbers
    from T - 1 to 0 rounded to integers, "trailing" count from T - 1 in steps of T / n, rounded. "uneven" are any n,
    chosen by `seed`. `steps_offset` counts for "leading" only. Source: Lin et al., "Common Diffusion Noise
    Schedules and Sample Steps are Flawed" (2024), table 2.
    """
    n, total = num_inference_steps, num_train_timesteps
    if spacing == "leading":
        rising = [index * (total // n) + steps_offset for index in range(n)]
    elif spacing == "linspace":
        rising = [round(Fraction(index * (total - 1), n - 1)) if n > 1 else 0 for index in range(n)]
    elif spacing == "trailing":
        rising = [round(Fraction(total * (index + 1), n)) - 1 for index in range(n)]
    else:
        chosen = torch.randperm(total, generator=torch.Generator().manual_seed(seed))[:n]
        rising = sorted(chosen.tolist())
    return torch.tensor(rising[::-1])


def alpha_bars(betas: torch.Tensor) -> torch.Tensor:
    """Return alpha-bar `[T]` in float64 of `betas` `[T]`, from the sum of the logarithms of what each step leaves."""
    return torch.log1p(-betas.double()).cumsum(dim=0).exp()


def make_alphas_cumprod(kind: Schedule, length: int, seed: int = 0) -> torch.Tensor:
    """Return alpha-bar `[T]` in float64 of the betas that `make_betas` gives."""
    return alpha_bars(make_betas(kind, length, seed))
