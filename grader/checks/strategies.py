"""Hypothesis strategies for the inputs of exercises, which shrink to small shapes, seed 0 and float32."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

import torch
from hypothesis import strategies as st

from grader.checks.assertions import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Sequence

Shape = tuple[int, ...]
Schedule = Literal["free", "linear", "scaled_linear"]
Mask = Literal["soft", "full", "empty"]
Moves = Literal["far", "near", "one ulp"]

SHAPES: tuple[Shape, ...] = ((1,), (3,), (2, 3), (3, 1), (2, 1, 3), (1, 2, 3, 2), (2, 3, 4, 4))
DTYPES = (torch.float32, torch.float64)
SCHEDULES: tuple[Schedule, ...] = ("free", "linear", "scaled_linear")
LONGEST_FREE_SCHEDULE = 8
ROUNDINGS = 16  # measured: the float32 step by way of x_0 stays below a fortieth of what this allows
STRENGTH_UNITS = 10_000
NEAREST_PART = 4e-6  # of a step: more than what rounding to six decimals, a sensible guard of ties, takes away
MOVES: tuple[Moves, ...] = ("far", "near", "one ulp")
LEAST_NEAR, MOST_NEAR = 2.5e-7, 5e-5  # relative: two float32 ulps; a step's weight decay, 0.005 * 0.01


class Step(NamedTuple):
    """A place on a schedule: `x_t`, `noise_pred`, `z` of one shape; `timestep` indexes `betas` `[T]`."""

    x_t: torch.Tensor
    noise_pred: torch.Tensor
    timestep: int
    betas: torch.Tensor
    z: torch.Tensor

    @property
    def tolerance(self) -> float:
        """How far rounding may take a correct step, coefficients in float32 included.

        1 - alpha-bar is a difference of nearly equal numbers where little noise has been added: its relative
        error, and with it that of the step by way of x_0, is eps / (1 - alpha-bar).
        """
        noise_share = 1.0 - float(torch.prod(1.0 - self.betas[: self.timestep + 1].double()))
        return TOLERANCES[self.x_t.dtype] + ROUNDINGS * torch.finfo(torch.float32).eps / noise_share


class Blend(NamedTuple):
    """Two pictures `[B, C, h, w]`, and a `mask` `[1, 1, h, w]` that says how much of the first one counts."""

    mask: torch.Tensor
    denoised: torch.Tensor
    original: torch.Tensor


class TrainedTable(NamedTuple):
    """An embedding `table` `[V, D]` with a gradient, moved away from the `original` it started from."""

    table: torch.nn.Parameter
    original: torch.Tensor
    trained_ids: list[int]


class Run(NamedTuple):
    """A strength from 0 to 1 of a run of `num_inference_steps`."""

    strength: float
    num_inference_steps: int


def seeds() -> st.SearchStrategy[int]:
    """Draw small seeds for `random_tensors`."""
    return st.integers(0, 999)


def dtypes() -> st.SearchStrategy[torch.dtype]:
    """Draw float32 or float64."""
    return st.sampled_from(DTYPES)


def shapes(choices: Sequence[Shape] = SHAPES) -> st.SearchStrategy[Shape]:
    """Draw one of `choices` (smallest first), by default of one to four dimensions, at most 96 numbers."""
    return st.sampled_from(choices)


def random_tensors(
    count: int, shape: Shape, dtype: torch.dtype, seed: int, *, decimals: int | None = 2
) -> list[torch.Tensor]:
    """Return `count` tensors of standard normal numbers, by default of two decimals for people to read.

    With `decimals=None` they have all the digits of their dtype.
    """
    generator = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(count)]
    return [(tensor if decimals is None else tensor.round(decimals=decimals)).to(dtype) for tensor in drawn]


def make_betas(kind: Schedule, length: int, seed: int = 0) -> torch.Tensor:
    """Return `length` betas `[T]` in float64 of one of the `SCHEDULES`.

    "linear" goes from 1e-4 to 0.02, "scaled_linear" from 0.00085 to 0.012 linearly in the square root; "free"
    has any numbers from 1e-4 to 0.99 (in `steps` so few that alpha-bar stays a normal number in float32).
    """
    if kind == "linear":
        return torch.linspace(1e-4, 0.02, length, dtype=torch.float64)
    if kind == "scaled_linear":
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), length, dtype=torch.float64) ** 2
    drawn = torch.rand(length, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (drawn**2).round(decimals=2).clamp(1e-4, 0.99)


@st.composite
def steps(
    draw: st.DrawFn,
    *,
    min_timestep: int = 0,
    max_timestep: int | None = None,
    longest: int = 20,
    choices: Sequence[Shape] = SHAPES,
) -> Step:
    """Draw a `Step` of float32 or float64 at a timestep between the bounds, on at most `longest` betas.

    Shapes come from `choices`. The three tensors are independent: a step must be right for any numbers.
    """
    kind = draw(st.sampled_from(SCHEDULES))
    most = min(longest, LONGEST_FREE_SCHEDULE) if kind == "free" else longest
    length = draw(st.integers(min_timestep + 1, most))
    last = length - 1 if max_timestep is None else min(max_timestep, length - 1)
    timestep = draw(st.integers(min_timestep, last))
    shape, dtype, seed = draw(shapes(choices)), draw(dtypes()), draw(seeds())
    x_t, noise_pred, z = random_tensors(3, shape, dtype, seed)
    return Step(x_t, noise_pred, timestep, make_betas(kind, length, seed).to(dtype), z)


@st.composite
def blends(draw: st.DrawFn, *, kind: Mask = "soft", longest_side: int = 4) -> Blend:
    """Draw a `Blend` whose mask is of the given kind, as `make_mask` has them.

    Batch and channels are drawn independently of each other. A third of the pictures are one column of two or
    more places, where a mask that has lost a dimension no longer fits, and a third are squares, where a mask that
    is turned over still does. The pictures' numbers are of the order of 1 or of 100.
    """
    side = st.integers(1, longest_side)
    batch, channels = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    form, height, width = draw(st.sampled_from(("any", "column", "square"))), draw(side), draw(side)
    if form != "any":
        height, width = max(height, 2), (1 if form == "column" else max(height, 2))
    dtype, seed = draw(dtypes()), draw(seeds())
    scale = draw(st.sampled_from((1, 100)))
    denoised, original = (scale * t for t in random_tensors(2, (batch, channels, height, width), dtype, seed))
    return Blend(make_mask(kind, height, width, seed).to(dtype), denoised, original)


def make_mask(kind: Mask, height: int, width: int, seed: int = 0) -> torch.Tensor:
    """Return a mask `[1, 1, height, width]` in float64: "full" (ones), "empty" (zeros) or "soft".

    A soft one has numbers from 0 to 1, the ends included, and starts with one below a half, one above a half,
    0.01 and 0.99 (as far as there is room), to tell apart what may be done wrong with soft places.
    """
    if kind == "full":
        return torch.ones(1, 1, height, width, dtype=torch.float64)
    if kind == "empty":
        return torch.zeros(1, 1, height, width, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.rand((1, 1, height, width), generator=generator, dtype=torch.float64)
    mask = (1.4 * drawn - 0.2).clamp(0.0, 1.0)
    low, high = (0.1 + 0.3 * drawn.flatten()[[0, -1]]).tolist()
    first = torch.tensor([low, 0.5 + high, 0.01, 0.99], dtype=torch.float64)[: mask.numel()]
    mask.view(-1)[:4] = first
    return mask.round(decimals=2)


@st.composite
def trained_tables(draw: st.DrawFn, *, most_rows: int = 6, most_columns: int = 4) -> TrainedTable:
    """Draw a `TrainedTable` of which every row has moved, as `move` has it, whether or not it was meant to.

    The ids are distinct, in any order and anywhere in the table. The gradient reaches only every other row,
    as a prompt reaches only its words. Numbers that move by little have all the digits of their dtype.
    """
    kind = draw(st.sampled_from(MOVES))
    rows, columns = draw(st.integers(3, most_rows)), draw(st.integers(1, most_columns))
    trained_ids = draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=rows, unique=True))
    dtype, seed = draw(dtypes()), draw(seeds())
    decimals = 2 if kind == "far" else None
    original, gradient = random_tensors(2, (rows, columns), dtype, seed, decimals=decimals)
    table = torch.nn.Parameter(move(original, kind, seed))
    table.grad = gradient * (torch.arange(rows) % 2 == seed % 2)[:, None]
    return TrainedTable(table, original, trained_ids)


def move(original: torch.Tensor, kind: Moves, seed: int = 0) -> torch.Tensor:
    """Return a table `[V, D]` every row of which has moved away from `original`.

    "far" adds half and more to every number. "near" shrinks every row (of numbers other than zero) by its own
    share, from `LEAST_NEAR` to `MOST_NEAR`. "one ulp" moves one number of each row to the next that its dtype has.
    """
    rows, columns = original.shape
    if kind == "far":
        (moves,) = random_tensors(1, (rows, columns), original.dtype, seed + 1)
        return original + 0.5 + moves.abs()
    if kind == "near":
        drawn = torch.rand((rows, 1), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        shares = LEAST_NEAR * (MOST_NEAR / LEAST_NEAR) ** drawn
        return (original.double() * (1 - shares)).to(original.dtype)
    places = torch.arange(rows), (torch.arange(rows) + seed) % columns
    moved = original.clone()
    moved[places] = torch.nextafter(original, torch.full_like(original, math.inf))[places]
    return moved


def strengths(num_inference_steps: int) -> st.SearchStrategy[float]:
    """Draw strengths of four decimals between 0 and 1, away from the float ties of a run (see `is_tie`)."""
    decimals = st.integers(1, STRENGTH_UNITS - 1).map(lambda units: units / STRENGTH_UNITS)
    return decimals.filter(lambda strength: not is_tie(strength, num_inference_steps))


@st.composite
def runs(draw: st.DrawFn, *, longest: int = 100) -> Run:
    """Draw a `Run` of up to `longest` steps whose strength is one of `strengths`."""
    num_inference_steps = draw(st.integers(1, longest))
    return Run(draw(strengths(num_inference_steps)), num_inference_steps)


@st.composite
def partial_runs(draw: st.DrawFn, *, longest: int = 1000) -> tuple[tuple[float, ...], int, int]:
    """Draw `(strengths, steps, whole)`: four strengths of `whole` steps, 1 or more, and a part of one more.

    From the first to the last the part is next to nothing (`NEAREST_PART`), less than a half, more than a half
    and next to all. Every other run lacks only a part of its last step.
    """
    num_inference_steps = draw(st.integers(3, longest))
    whole = draw(st.integers(1, num_inference_steps - 1) | st.just(num_inference_steps - 1))
    part = draw(st.integers(1, 49)) / 100
    shares = (NEAREST_PART, part, 1 - part, 1 - NEAREST_PART)
    strengths = tuple(round((whole + share) / num_inference_steps, 9) for share in shares)
    return strengths, num_inference_steps, whole


@st.composite
def tied_runs(draw: st.DrawFn, *, longest: int = 100) -> Run:
    """Draw a `Run` whose strength is the float nearest to a whole number of steps, neither none nor all."""
    num_inference_steps = draw(st.integers(2, longest))
    running = draw(st.integers(1, num_inference_steps - 1))
    return Run(running / num_inference_steps, num_inference_steps)


def exact_product(strength: float, num_inference_steps: int) -> Fraction:
    """Return the strength, as it is written in decimals, times the number of steps, without rounding."""
    return Fraction(repr(strength)) * num_inference_steps


def is_tie(strength: float, num_inference_steps: int) -> bool:
    """Return whether steps times strength is whole, so that rounding decides (0.29 * 100 < 29)."""
    return exact_product(strength, num_inference_steps).denominator == 1
