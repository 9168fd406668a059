"""Exact denoisers for checks of sampling loops: the student's `model`, what was asked of it, and arguments to draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import torch
from hypothesis import strategies as st

from exercises._shared._schedules import LONGEST_FREE, SCHEDULES, alpha_bars, make_betas
from grader.checks.assertions import TOLERANCES, CheckFailure, assert_equal
from grader.checks.strategies import Shape, dtypes, random_tensors, seeds, shapes
from grader.checks.text import describe
from grader.sandbox.wire.handles import Handle
from grader.workbench.denoisers import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


Data = Literal["gaussian", "mixture"]

MODES = (-1.0, 2.0)
MODES_SPREAD = 0.5  # wide enough that rounding on the way decides for no element which mode it goes to
ROUNDINGS = 16  # of float32, magnified as `tolerance` says; measured: correct loops need less than a tenth of it
SETTLED = 3  # model calls until a loop holds all the tensors that it works with


class Ancestral(NamedTuple):
    """The arguments of a DDPM loop: an exact `model`, `x_T`, `betas` `[T]`, and `step_noise` `[T, *x_T.shape]`."""

    model: Handle
    x_T: torch.Tensor  # noqa: N815 - the field's name for it
    betas: torch.Tensor
    step_noise: torch.Tensor

    @property
    def tolerance(self) -> float:
        """How far rounding may take a correct loop, coefficients in float32 included.

        The last step divides by 1 - alpha-bar_0 = beta_0, a difference of nearly equal numbers.
        """
        return TOLERANCES[self.x_T.dtype] + ROUNDINGS * torch.finfo(torch.float32).eps / float(self.betas[0])


class Implicit(NamedTuple):
    """The arguments of a DDIM loop: an exact `model`, `x_T`, falling `timesteps` `[n]`, `alphas_cumprod` `[T]`."""

    model: Handle
    x_T: torch.Tensor  # noqa: N815 - the field's name for it
    timesteps: torch.Tensor
    alphas_cumprod: torch.Tensor

    @property
    def tolerance(self) -> float:
        """How far rounding may take a correct loop, coefficients in float32 included.

        The first leap divides by sqrt(alpha-bar), the last one takes the root of 1 - alpha-bar, a difference of nearly
        equal numbers.
        """
        first, last = (float(self.alphas_cumprod[self.timesteps[place]]) for place in (0, -1))
        smallest = min(math.sqrt(first), math.sqrt(1 - last))
        return TOLERANCES[self.x_T.dtype] + ROUNDINGS * torch.finfo(torch.float32).eps / smallest


def gaussian(alphas_cumprod: torch.Tensor, mean: float, std: float, *, counts_tensors: bool = False) -> Handle:
    """Return the perfect model for data N(mean, std^2) (see `grader.workbench.denoisers.GaussianDenoiser`).

    `alphas_cumprod` is `[T]`. With `counts_tensors`, it notes at every call the tensors that are alive and their bytes.
    """
    settings = {"alphas_cumprod": alphas_cumprod.double(), "mean": mean, "std": std}
    return Handle("denoiser", {"kind": "gaussian", **settings, **({"counts_tensors": True} if counts_tensors else {})})


def two_modes(alphas_cumprod: torch.Tensor, means: tuple[float, float] = MODES, std: float = MODES_SPREAD) -> Handle:
    """Return the perfect model for data half near one mean and half near the other (see `MixtureDenoiser`)."""
    settings = {"alphas_cumprod": alphas_cumprod.double(), "means": list(means), "std": std}
    return Handle("denoiser", {"kind": "mixture", **settings})


def here(model: Handle) -> Callable[[torch.Tensor, int], torch.Tensor]:
    """Return what the handle stands for as an object of this process, for a reference solution to call."""
    settings = {name: value for name, value in model.arguments.items() if name not in ("kind", "counts_tensors")}
    return KINDS[model.arguments["kind"]](**settings)


def balanced_noise(count: int, dtype: torch.dtype) -> torch.Tensor:
    """Return `count` rows `[count, N]` of 1 and -1 with mean exactly 0, spread exactly 1, and no correlation.

    N is the least power of 2 above `count`. A sum of such rows with weights w has exactly the spread sqrt(sum of w^2),
    so that mean and spread after a sampling loop around a Gaussian's perfect model carry no error of sampling. The
    rows are Walsh functions, the rows of Sylvester's Hadamard matrix without the first.
    """
    matrix = torch.ones(1, 1, dtype=dtype)
    while len(matrix) <= count:
        matrix = torch.cat([torch.cat([matrix, matrix], dim=1), torch.cat([matrix, -matrix], dim=1)])
    return matrix[1 : count + 1]


def assert_timesteps(calls: object, expected: Sequence[int], sentence: str) -> None:
    """Raise `CheckFailure` unless a model was called with just the `expected` timesteps, in their order.

    `calls` is what `submission.read.calls(model)` returned.
    """
    __tracebackhide__ = True
    timesteps = [call.get("timestep") for call in _entries(calls)]
    if not timesteps:
        raise CheckFailure("The model was never called.", expected=f"calls with timesteps {describe(list(expected))}")
    if len(timesteps) != len(expected):
        sentence = f"{sentence} There must be {len(expected)} calls; there were {len(timesteps)}."
    assert_equal(timesteps, list(expected), sentence)


def assert_steady(calls: object, picture: torch.Tensor) -> None:
    """Raise `CheckFailure` if a loop held more and more pictures from one call of its model to the next.

    `calls` is what `submission.read.calls(model)` returned for a model that counts tensors; `picture` is of the size
    of those in the loop. A loop may hold any number of tensors, a growing number of tensors without pictures, and
    another picture every now and then. It fails if, after the first calls, its memory grows by one picture for every
    other call.
    """
    __tracebackhide__ = True
    entries = _entries(calls)
    settled = [memory for call in entries if (memory := _memory(call)) is not None][SETTLED - 1 :]
    if len(settled) <= SETTLED:
        sentence = f"The model was called only {len(entries)} times."
        raise CheckFailure(sentence, expected=f"more than {2 * SETTLED} calls")
    tensors, size = (last - first for first, last in zip(settled[0], settled[-1], strict=True))
    pictures = size / (picture.numel() * picture.element_size())
    if pictures > (len(settled) - 1) // 2:
        raise CheckFailure(
            f"From call {SETTLED} of the model to call {len(entries)} the tensors in memory grew by as much as "
            f"{pictures:.3g} pictures. Keep the current picture only: earlier ones, and what was computed from them, "
            "are no longer needed, whether in a list or in one growing tensor.",
            expected=f"as much memory at the last call as at call {SETTLED}",
            actual=f"{size} bytes more, in {tensors} more tensors",
        )


@st.composite
def ancestral_loops(
    draw: st.DrawFn,
    *,
    data: Data = "gaussian",
    shortest: int = 1,
    longest: int = 10,
    choices: Sequence[Shape] | None = None,
) -> Ancestral:
    """Draw the arguments of a DDPM loop of at most `longest` steps, in float32 or float64.

    "gaussian" data has any mean and spread; "mixture" is `two_modes`.
    """
    kind = draw(st.sampled_from(SCHEDULES))
    length = draw(st.integers(shortest, min(longest, LONGEST_FREE) if kind == "free" else longest))
    shape, dtype, seed = draw(shapes(choices) if choices else shapes()), draw(dtypes()), draw(seeds())
    betas = make_betas(kind, length, seed).to(dtype)
    x_T, *noise = random_tensors(length + 1, shape, dtype, seed)  # noqa: N806
    return Ancestral(draw(_models(data, alpha_bars(betas))), x_T, betas, torch.stack(noise))


@st.composite
def implicit_loops(
    draw: st.DrawFn,
    *,
    data: Data = "gaussian",
    least_timesteps: int = 1,
    longest: int = 12,
    choices: Sequence[Shape] | None = None,
) -> Implicit:
    """Draw the arguments of a DDIM loop over any falling timesteps of a schedule of at most `longest`.

    "gaussian" data has any mean and spread; "mixture" is `two_modes`. Neighbouring alpha-bars of a "free" schedule are
    far apart, so that it shows which timestep a leap goes to.
    """
    kind = draw(st.sampled_from(SCHEDULES))
    length = draw(st.integers(least_timesteps, LONGEST_FREE if kind == "free" else longest))
    chosen = st.sets(st.integers(0, length - 1), min_size=least_timesteps, max_size=12)
    timesteps = torch.tensor(sorted(draw(chosen), reverse=True))
    shape, dtype, seed = draw(shapes(choices) if choices else shapes()), draw(dtypes()), draw(seeds())
    betas = make_betas(kind, length, seed)
    alphas_cumprod = alpha_bars(betas.clamp(0.05, 0.5) if kind == "free" else betas).to(dtype)
    (x_T,) = random_tensors(1, shape, dtype, seed)  # noqa: N806
    return Implicit(draw(_models(data, alphas_cumprod)), x_T, timesteps, alphas_cumprod)


@st.composite
def _models(draw: st.DrawFn, data: Data, alphas_cumprod: torch.Tensor) -> Handle:
    if data == "mixture":
        return two_modes(alphas_cumprod)
    return gaussian(alphas_cumprod, draw(st.integers(-6, 6)) / 2, draw(st.integers(1, 8)) / 4)


def _entries(calls: object) -> list[dict[str, Any]]:
    """Return the calls of a model as the worker reports them, which may be anything."""
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []


def _memory(call: dict[str, Any]) -> tuple[int, int] | None:
    """Return the numbers of tensors and of bytes that were noted at a call, None if nothing was noted."""
    tensors, size = call.get("live_tensors"), call.get("live_bytes")
    return (tensors, size) if isinstance(tensors, int) and isinstance(size, int) else None
