"""Hypothesis strategies for a start somewhere among the timesteps of a run."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

import torch
from hypothesis import strategies as st

from exercises._shared._schedules import LONGEST_FREE, SCHEDULES, SPACINGS, make_alphas_cumprod, spaced_timesteps
from grader.checks.assertions import TOLERANCES
from grader.checks.strategies import Shape, dtypes, random_tensors, seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

Part = Literal["none", "some", "all"]
LATENTS: tuple[Shape, ...] = ((1, 1, 1, 1), (1, 4, 1, 2), (2, 4, 3, 2))
ROUNDINGS = 4


class Position(NamedTuple):
    """A strength of a run on a sampler's `timesteps` `[n]`, which index `alphas_cumprod` `[T]`; `running` steps run."""

    strength: float
    timesteps: torch.Tensor
    alphas_cumprod: torch.Tensor
    running: int

    @property
    def arguments(self) -> dict[str, float | torch.Tensor]:
        """What a function is called with: all but the number of steps that run, which is for it to find out."""
        return {name: value for name, value in self._asdict().items() if name != "running"}


class Start(NamedTuple):
    """Clean latents and noise of one shape, and a `Position` to start from."""

    z_0: torch.Tensor
    noise: torch.Tensor
    strength: float
    timesteps: torch.Tensor
    alphas_cumprod: torch.Tensor
    running: int

    @property
    def arguments(self) -> dict[str, float | torch.Tensor]:
        """What a function is called with: all but the number of steps that run, which is for it to find out."""
        return {name: value for name, value in self._asdict().items() if name != "running"}

    @property
    def tolerance(self) -> float:
        """How far rounding may take a correct start, weights in float32 included.

        The weight of the noise is the root of 1 - alpha-bar, a difference of nearly equal numbers where little
        noise is added: rounding takes it eps / sqrt(1 - alpha-bar) away.
        """
        noise_share = 1.0 - float(self.alphas_cumprod[0])
        return TOLERANCES[self.z_0.dtype] + ROUNDINGS * torch.finfo(torch.float32).eps / math.sqrt(noise_share)

    @property
    def ratio_tolerance(self) -> float:
        """How far rounding may take a number divided by 1 - alpha-bar, in which it keeps eps / (1 - alpha-bar)."""
        noise_share = 1.0 - float(self.alphas_cumprod[0])
        return TOLERANCES[self.z_0.dtype] + ROUNDINGS * torch.finfo(torch.float32).eps / noise_share


@st.composite
def positions(
    draw: st.DrawFn, *, part: Part = "some", longest: int = 12, steps: int = 10, skipped: int = 1
) -> Position:
    """Draw a `Position` among at most `steps` timesteps of at most `longest` that were trained.

    "some" runs a part of them and strictly between one and all steps' worth, so that `skipped` of them or more do not
    run; "none" is less than one step (strength 0 in a third of the cases), "all" is strength 1. Strengths stay a tenth
    of a step away from the float ties.
    """
    least = skipped + 1 if part == "some" else 1
    n = draw(st.integers(least, steps))
    spacing, kind, seed = draw(st.sampled_from(SPACINGS)), draw(st.sampled_from(SCHEDULES)), draw(seeds())
    if kind == "free":
        n = min(n, LONGEST_FREE)
    total = draw(st.integers(n, max(n, LONGEST_FREE if kind == "free" else longest)))
    whole = draw(st.integers(1, n - skipped)) if part == "some" else 0
    running = n if part == "all" else whole
    share = Fraction(draw(st.integers(1, 9)), 10)
    strength = 1.0 if part == "all" else round(float((whole + share) / n), 4)
    if part == "none" and draw(st.integers(0, 2)) == 0:
        strength = 0.0
    timesteps = spaced_timesteps(spacing, n, total, seed=seed)
    return Position(strength, timesteps, make_alphas_cumprod(kind, total, seed).to(draw(dtypes())), running)


@st.composite
def starts(
    draw: st.DrawFn,
    *,
    part: Part = "some",
    longest: int = 12,
    steps: int = 10,
    skipped: int = 1,
    choices: Sequence[Shape] = LATENTS,
) -> Start:
    """Draw a `Start` at one of `positions`, with independent z_0 and noise of the schedule's dtype."""
    position = draw(positions(part=part, longest=longest, steps=steps, skipped=skipped))
    z_0, noise = random_tensors(2, draw(st.sampled_from(choices)), position.alphas_cumprod.dtype, draw(seeds()))
    return Start(z_0, noise, *position)
