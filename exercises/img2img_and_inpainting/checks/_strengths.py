"""Hypothesis strategies for strengths of runs, away from and on the ties of rounding."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

STRENGTH_UNITS = 10_000
NEAREST_PART = 4e-6  # of a step: more than what rounding to six decimals, a sensible guard of ties, takes away


class Run(NamedTuple):
    """A strength from 0 to 1 of a run of `num_inference_steps`."""

    strength: float
    num_inference_steps: int


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
    """Draw a `Run` whose strength is the float nearest to a whole number of steps, but not none and not all."""
    num_inference_steps = draw(st.integers(2, longest))
    running = draw(st.integers(1, num_inference_steps - 1))
    return Run(running / num_inference_steps, num_inference_steps)


def exact_product(strength: float, num_inference_steps: int) -> Fraction:
    """Return the strength, as it is written in decimals, times the number of steps, without rounding."""
    return Fraction(repr(strength)) * num_inference_steps


def is_tie(strength: float, num_inference_steps: int) -> bool:
    """Return whether steps times strength is whole, so that rounding decides (0.29 * 100 < 29)."""
    return exact_product(strength, num_inference_steps).denominator == 1
