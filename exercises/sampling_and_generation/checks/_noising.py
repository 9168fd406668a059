"""Draws noised pictures, and places on a schedule of alpha-bars; reads angles and plain numbers out of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from hypothesis import strategies as st

from exercises._shared._schedules import LONGEST_FREE, SCHEDULES, make_alphas_cumprod
from grader.checks.assertions import TOLERANCES, CheckFailure, assert_items
from grader.checks.strategies import Shape, dtypes, random_tensors, seeds, shapes
from grader.checks.text import describe, describe_type

if TYPE_CHECKING:
    from collections.abc import Sequence

# Batches [B, C, H, W]: in some of them the width is B, so that a weight [B] fits the wrong axis.
BATCHES: tuple[Shape, ...] = ((1, 1, 1, 1), (2, 1, 1, 1), (2, 3, 1, 2), (3, 2, 3, 1), (2, 1, 2, 2), (3, 2, 3, 3))
LEAST_GAP = 0.1  # of the mean gap, between neighbours among free alpha-bars
ROUNDINGS = 4  # of float32, that a correct solution may add up


class Noising(NamedTuple):
    """Pictures `[B, C, H, W]`, noise of the same shape, and one timestep for each picture `[B]`."""

    x_0: torch.Tensor
    noise: torch.Tensor
    timesteps: torch.Tensor
    alphas_cumprod: torch.Tensor

    @property
    def tolerance(self) -> float:
        """How far rounding may take correctly noised pictures, coefficients in float32 included.

        1 - alpha-bar is a difference of nearly equal numbers where little noise is added: rounding takes its root
        eps / sqrt(1 - alpha-bar) away.
        """
        noise_share = 1.0 - self.alphas_cumprod[self.timesteps].double().max().item()
        return TOLERANCES[self.x_0.dtype] + ROUNDINGS * torch.finfo(torch.float32).eps / math.sqrt(noise_share)


class Estimate(NamedTuple):
    """A noisy picture `x_t` of any shape at `timestep`, with the noise that is seen in it."""

    x_t: torch.Tensor
    noise_pred: torch.Tensor
    timestep: int
    alphas_cumprod: torch.Tensor

    @property
    def tolerance(self) -> float:
        """How far rounding may take a correct estimate of x_0 (see `rounding`)."""
        return rounding(self.x_t, self.alphas_cumprod[self.timestep])


class KnownNoising(NamedTuple):
    """A picture `x_0` and its `noise`, the `x_t` that they make at `timestep`, and an `error` to predict noise with."""

    x_0: torch.Tensor
    noise: torch.Tensor
    error: torch.Tensor
    x_t: torch.Tensor
    timestep: int
    alphas_cumprod: torch.Tensor

    @property
    def angle(self) -> torch.Tensor:
        """By how far x_0 was turned towards its noise (see the function `angle`)."""
        return angle(self.alphas_cumprod)[self.timestep]

    @property
    def tolerance(self) -> float:
        """How far rounding may take a correct estimate of x_0 (see `rounding`)."""
        return rounding(self.x_t, self.alphas_cumprod[self.timestep])


class Leap(NamedTuple):
    """An `Estimate` with the `prev_timestep` to leap to, from -1 up to `timestep`."""

    x_t: torch.Tensor
    noise_pred: torch.Tensor
    timestep: int
    prev_timestep: int
    alphas_cumprod: torch.Tensor

    @property
    def tolerance(self) -> float:
        """How far rounding may take a correct leap, which goes by way of x_0 (see `rounding`)."""
        return rounding(self.x_t, self.alphas_cumprod[self.timestep])


def rounding(x_t: torch.Tensor, alpha_bar: torch.Tensor) -> float:
    """Return how far rounding may take a correct estimate of x_0 from `x_t`, coefficients in float32 included.

    Dividing by sqrt(alpha-bar) magnifies every error before it.
    """
    return TOLERANCES[x_t.dtype] + ROUNDINGS * torch.finfo(torch.float32).eps / math.sqrt(float(alpha_bar))


def angle(alphas_cumprod: torch.Tensor) -> torch.Tensor:
    """Return phi in float64, with cos(phi) = sqrt(alpha-bar) and sin(phi) = sqrt(1 - alpha-bar).

    It comes from cos(2 phi) = 2 alpha-bar - 1, without a root. In it, noising is a rotation from picture to noise,
    and a DDIM step turns back. Source: Salimans and Ho, "Progressive Distillation" (2022), appendix D.
    """
    return torch.acos(2 * alphas_cumprod.double() - 1) / 2


def free_alpha_bars(length: int, seed: int = 0) -> torch.Tensor:
    """Return `length` falling alpha-bars `[T]` in float64 (at most `LONGEST_FREE`), for few steps all the way to noise.

    They are any numbers of three decimals from 0.01 to 0.99, no two of them close together.
    """
    gaps = LEAST_GAP + torch.rand(length + 1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (1 - torch.cumsum(gaps, dim=0)[:-1] / gaps.sum()).round(decimals=3)


@st.composite
def alpha_bars(draw: st.DrawFn, *, shortest: int = 1, longest: int = 20) -> torch.Tensor:
    """Draw alpha-bars `[T]` in float64, at least `shortest` and at most `longest`.

    They are `free_alpha_bars`, or those of one of the other `SCHEDULES` (see `make_alphas_cumprod`).
    """
    kind = draw(st.sampled_from(SCHEDULES))
    length = draw(st.integers(shortest, min(longest, LONGEST_FREE) if kind == "free" else longest))
    seed = draw(seeds())
    return free_alpha_bars(length, seed) if kind == "free" else make_alphas_cumprod(kind, length)


@st.composite
def noisings(draw: st.DrawFn, *, longest: int = 20, choices: Sequence[Shape] = BATCHES) -> Noising:
    """Draw a `Noising` of float32 or float64; the timesteps of a batch are drawn independently of each other."""
    alphas_cumprod, shape = draw(alpha_bars(longest=longest)), draw(shapes(choices))
    each = st.integers(0, len(alphas_cumprod) - 1)
    timesteps = draw(st.lists(each, min_size=shape[0], max_size=shape[0]))
    dtype = draw(dtypes())
    x_0, noise = random_tensors(2, shape, dtype, draw(seeds()))
    return Noising(x_0, noise, torch.tensor(timesteps), alphas_cumprod.to(dtype))


@st.composite
def estimates(
    draw: st.DrawFn, *, min_timestep: int = 0, longest: int = 20, choices: Sequence[Shape] | None = None
) -> Estimate:
    """Draw an `Estimate` of float32 or float64 whose tensors are independent: it must be right for any numbers."""
    alphas_cumprod = draw(alpha_bars(shortest=min_timestep + 1, longest=longest))
    timestep = draw(st.integers(min_timestep, len(alphas_cumprod) - 1))
    shape, dtype = draw(shapes(choices) if choices else shapes()), draw(dtypes())
    x_t, noise_pred = random_tensors(2, shape, dtype, draw(seeds()))
    return Estimate(x_t, noise_pred, timestep, alphas_cumprod.to(dtype))


@st.composite
def known_noisings(draw: st.DrawFn, *, min_timestep: int = 0, later: int = 0) -> KnownNoising:
    """Draw a `KnownNoising` of float32 or float64, at `min_timestep` or later, before the last `later` timesteps."""
    alphas_cumprod = draw(alpha_bars(shortest=min_timestep + 1 + later))
    timestep = draw(st.integers(min_timestep, len(alphas_cumprod) - 1 - later))
    shape, dtype = draw(shapes()), draw(dtypes())
    x_0, noise, error = random_tensors(3, shape, dtype, draw(seeds()))
    alphas_cumprod = alphas_cumprod.to(dtype)
    phi = angle(alphas_cumprod)[timestep]
    x_t = (torch.cos(phi) * x_0.double() + torch.sin(phi) * noise.double()).to(dtype)
    return KnownNoising(x_0, noise, error, x_t, timestep, alphas_cumprod)


@st.composite
def leaps(
    draw: st.DrawFn, *, least_leap: int = 1, lowest: int = -1, longest: int = 20, choices: Sequence[Shape] | None = None
) -> Leap:
    """Draw a `Leap` that goes down by `least_leap` or more, to the timestep `lowest` at the lowest."""
    drawn = draw(estimates(min_timestep=max(0, least_leap + lowest), longest=longest, choices=choices))
    prev_timestep = draw(st.integers(lowest, drawn.timestep - least_leap))
    return Leap(drawn.x_t, drawn.noise_pred, drawn.timestep, prev_timestep, drawn.alphas_cumprod)


def assert_numbers(actual: object, names: tuple[str, ...]) -> torch.Tensor:
    """Return the numbers in a tuple or list as float64 `[n]`, one for each of the `names`.

    Python's and NumPy's numbers and tensors without dimensions count. Raises `CheckFailure` for anything else, for
    another count, and for what is not finite.
    """
    __tracebackhide__ = True
    due = f"a tuple of {len(names)} floats: {', '.join(names)}"
    numbers = []
    for name, value in zip(names, assert_items(actual, names), strict=True):
        number = _number(value)
        if number is None:
            sentence = f"{name} is of type {describe_type(value)}; it must be a float."
            raise CheckFailure(sentence, expected=due, actual=describe(actual))
        if not math.isfinite(number):
            sentence = f"{name} is {number}. Look for a division by zero or the square root of a negative number."
            raise CheckFailure(sentence, expected=due, actual=describe(actual))
        numbers.append(number)
    return torch.tensor(numbers, dtype=torch.float64)


def _number(value: object) -> float | None:
    if isinstance(value, torch.Tensor) and value.ndim == 0:
        value = value.item()
    if isinstance(value, np.generic):
        value = value.item()
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
