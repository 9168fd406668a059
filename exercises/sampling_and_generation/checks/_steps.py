"""Draws places on a noise schedule to take a reverse step from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from hypothesis import strategies as st

from exercises._shared._schedules import LONGEST_FREE, SCHEDULES, make_betas
from grader.checks.assertions import TOLERANCES
from grader.checks.strategies import SHAPES, Shape, dtypes, random_tensors, seeds, shapes

if TYPE_CHECKING:
    from collections.abc import Sequence


ROUNDINGS = 16  # measured: the float32 step by way of x_0 stays below a fortieth of what this allows


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
    most = min(longest, LONGEST_FREE) if kind == "free" else longest
    length = draw(st.integers(min_timestep + 1, most))
    last = length - 1 if max_timestep is None else min(max_timestep, length - 1)
    timestep = draw(st.integers(min_timestep, last))
    shape, dtype, seed = draw(shapes(choices)), draw(dtypes()), draw(seeds())
    x_t, noise_pred, z = random_tensors(3, shape, dtype, seed)
    return Step(x_t, noise_pred, timestep, make_betas(kind, length, seed).to(dtype), z)
