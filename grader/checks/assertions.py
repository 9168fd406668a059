"""Assertions that end in a sentence for the student, whatever the student's function returned."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from grader.checks.differences import how_they_differ
from grader.checks.text import describe, describe_dtype, describe_pair, describe_type
from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image

# Measured, not guessed: more than ten times the largest distance of a correct solution in another style
# (which may well compute its coefficients in float32 for float64 tensors), and less than a tenth of the
# smallest that a known mistake reaches.
TOLERANCES = {torch.float32: 1e-4, torch.float64: 1e-5}


class Strayed(NamedTuple):
    """A step of a run: its timestep, and the `distance` of what the model saw there from what it should have seen."""

    timestep: float
    distance: float


class CheckFailure(AssertionError):
    """What a student's result got wrong, in one sentence, with the evidence beside it.

    `expected` and `actual` are descriptions, `where` names the worst place and both numbers there,
    `difference` and `tolerance` are in the unit of `distance`; each is None where it says nothing. `str()`
    gives all of it. `values` are what came out and what was expected, as they are, where both are at hand. `pictures`
    may be given both as RGB images, and `path` how far a run has strayed at each of its steps.
    """

    def __init__(
        self,
        sentence: str,
        *,
        expected: str | None = None,
        actual: str | None = None,
        where: str | None = None,
        difference: float | None = None,
        tolerance: float | None = None,
        values: tuple[object, object] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.expected = expected
        self.actual = actual
        self.where = where
        self.difference = difference
        self.tolerance = tolerance
        self.values = values
        self.pictures: dict[str, Image] = {}
        self.path: tuple[Strayed, ...] = ()

    @property
    def how(self) -> tuple[str, ...]:
        """Sentences on where and how a tensor differs from the one expected; none if there is nothing to compare."""
        actual, expected = self.values or (None, None)
        if self.difference is None or not (isinstance(actual, torch.Tensor) and isinstance(expected, torch.Tensor)):
            return ()
        return how_they_differ(actual, expected, self.tolerance or 0.0)

    def __str__(self) -> str:
        lines = [self.sentence]
        if self.expected is not None:
            lines.append(f"  expected: {self.expected}")
        if self.actual is not None:
            lines.append(f"  actual:   {self.actual}")
        if self.where is not None:
            lines.append(f"  where:    {self.where}")
        if self.difference is not None and self.tolerance is not None:
            lines.append(
                f"  difference: {self.difference:.3g}, relative to the largest number expected (at least 1); "
                f"up to {self.tolerance:.3g} is accepted"
            )
        return "\n".join(lines)


class Distance(NamedTuple):
    """How far one `assert_close` found a result from what it expected, whose largest number is `expected`."""

    sentence: str
    distance: float
    tolerance: float
    expected: float


_observers: ContextVar[tuple[list[Distance], ...]] = ContextVar("observers", default=())


@contextmanager
def observe_distances() -> Iterator[list[Distance]]:
    """Collect the distance that every `assert_close` inside the block measures, failing ones included."""
    seen: list[Distance] = []
    before = _observers.set((*_observers.get(), seen))
    try:
        yield seen
    finally:
        _observers.reset(before)


def distance(actual: torch.Tensor, expected: torch.Tensor) -> float:
    """Return max|actual - expected| / max(1, max|expected|) of two tensors of equal shape, 0.0 if empty."""
    if expected.numel() == 0:
        return 0.0
    actual, expected = actual.detach().double(), expected.detach().double()
    return float((actual - expected).abs().max() / expected.abs().max().clamp(min=1.0))


def assert_close(
    actual: object,
    expected: torch.Tensor,
    sentence: str,
    *,
    tolerance: float | None = None,
    like: str | None = None,
) -> None:
    """Raise `CheckFailure` unless `actual` is a tensor within `tolerance` of `expected`, by `distance`.

    Type, shape, dtype and finiteness come first, each with a sentence of its own; `sentence` is for the
    values. `like` names the argument whose shape and dtype the result must have. Without a `tolerance` the
    dtype's own in `TOLERANCES` holds.

    An expectation that is not finite, or of a dtype without a tolerance, is a `GraderError`.
    """
    __tracebackhide__ = True
    if tolerance is None:
        tolerance = TOLERANCES.get(expected.dtype)
    if tolerance is None:
        raise GraderError(f"assert_close has no tolerance for {expected.dtype}: pass one.")
    if not bool(expected.isfinite().all()):
        raise GraderError(f"assert_close was given an expectation that is not finite: {describe(expected)}.")
    tensor = _checked(actual, expected, describe(expected), "The result", like)
    difference = distance(tensor, expected)
    if observers := _observers.get():
        largest = float(expected.detach().abs().max()) if expected.numel() else 0.0
        for seen in observers:
            seen.append(Distance(sentence, difference, tolerance, largest))
    if difference > tolerance:
        raise CheckFailure(
            sentence,
            expected=describe(expected),
            actual=describe(tensor),
            where=_worst_place(tensor, expected),
            difference=difference,
            tolerance=tolerance,
            values=(tensor, expected),
        )


def assert_equal(actual: object, expected: object, sentence: str, *, what: str = "The result") -> None:
    """Raise `CheckFailure` unless `actual` equals `expected` to the bit, type, shape and dtype included.

    `expected` is a tensor, a number, a string, None, or lists, tuples and dicts of these. NaN equals NaN in
    the same place, and 0.0 equals -0.0. `what` names the value under test.
    """
    __tracebackhide__ = True
    if not isinstance(expected, torch.Tensor):
        if not same(actual, expected):
            due, found = describe(expected), _with_type(actual, expected)
            raise CheckFailure(sentence, expected=due, actual=found, values=(actual, expected))
        return
    problem = _structure_problem(actual, expected, what, None)
    if problem is not None or not isinstance(actual, torch.Tensor):
        raise CheckFailure(problem or sentence, expected=describe(expected), actual=describe(actual))
    actual = actual.detach()
    if not same(actual, expected):
        raise CheckFailure(
            sentence,
            expected=describe(expected),
            actual=describe(actual),
            where=_worst_place(actual, expected),
            difference=distance(actual, expected),
            tolerance=0.0,
            values=(actual, expected),
        )


def assert_one_of(actual: object, allowed: Sequence[object], sentence: str) -> None:
    """Raise `CheckFailure` unless `actual` equals, type included, one of the `allowed` numbers or strings."""
    __tracebackhide__ = True
    if any(same(actual, value) for value in allowed):
        return
    if isinstance(allowed, range):
        expected = f"an int from {allowed[0]} to {allowed[-1]}"
    else:
        expected = " or ".join(map(describe, allowed))
    raise CheckFailure(sentence, expected=expected, actual=_with_type(actual, allowed[0]))


def assert_like(
    actual: object, example: torch.Tensor, *, what: str = "The result", like: str | None = None
) -> torch.Tensor:
    """Return `actual` as a plain tensor, or raise `CheckFailure` unless it has the shape and dtype of `example`.

    NaN and infinities are refused too, so that a check may go on and compute with what it gets. `what` names
    the value under test, `like` the argument that `example` is.
    """
    __tracebackhide__ = True
    due = f"a tensor of shape {list(example.shape)}, {describe_dtype(example.dtype)}"
    return _checked(actual, example, due, what, like)


def assert_different(first: torch.Tensor, second: torch.Tensor, sentence: str, *, least: float) -> None:
    """Raise `CheckFailure` unless two results are further than `least` from each other, by `distance`."""
    __tracebackhide__ = True
    difference = distance(first, second)
    if not difference > least:  # False for NaN
        raise CheckFailure(
            sentence,
            expected=f"a difference above {least:g} of the largest number",
            actual=f"a difference of {difference:.2g}",
        )


def assert_far(first: torch.Tensor, second: torch.Tensor, least: float) -> None:
    """Raise `GraderError` if two tensors are closer than `least`, so that their check would prove nothing."""
    __tracebackhide__ = True
    found = distance(first, second)
    if not found >= least:
        raise GraderError(
            f"This check proves nothing: the two tensors that it compares differ by only {found:.3g}, "
            f"and it needs {least:.3g}. Choose other inputs for the check."
        )


def _checked(actual: object, example: torch.Tensor, due: str, what: str, like: str | None) -> torch.Tensor:
    """Return `actual` if it is a dense, finite tensor with the shape and dtype of `example`."""
    __tracebackhide__ = True
    problem = _structure_problem(actual, example, what, like)
    if problem is not None or not isinstance(actual, torch.Tensor):
        raise CheckFailure(problem or what, expected=due, actual=describe(actual))
    tensor = actual.detach()
    finite = tensor.isfinite()
    if not bool(finite.all()):
        index = (~finite).nonzero()[0].tolist()
        kind = "NaN" if bool(tensor.isnan().any()) else "infinity"
        count = int((~finite).sum())
        raise CheckFailure(
            f"{what} holds {kind}: not finite in {count} of {tensor.numel()} places. "
            "Look for a division by zero or the square root of a negative number.",
            expected=due,
            actual=describe(tensor),
            where=f"first at {index}" if index else None,
        )
    return tensor


def assert_items(actual: object, names: tuple[str, ...]) -> list[object]:
    """Return the values of a tuple or list as long as `names`, or raise `CheckFailure`.

    `names` say what each value is, in the order in which they are due.
    """
    __tracebackhide__ = True
    due = f"{len(names)} values: {', '.join(names)}"
    # What could not travel is described by a tuple as well, of a type of its own.
    if not isinstance(actual, list | tuple) or type(actual) not in (list, tuple):
        hint = " Does every path of the function end in `return`?" if actual is None else ""
        found = "None" if actual is None else f"of type {describe_type(actual)}"
        raise CheckFailure(f"The result is {found}; it must be {due}.{hint}", expected=due, actual=describe(actual))
    if len(actual) != len(names):
        count = f"{len(actual)} value{'' if len(actual) == 1 else 's'}"
        raise CheckFailure(f"The result holds {count}; it must be {due}.", expected=due)
    return list(actual)


def _structure_problem(actual: object, example: torch.Tensor, what: str, like: str | None) -> str | None:
    """Return a sentence on why `actual` is not a dense tensor with the shape and dtype of `example`, None if it is."""
    shape, dtype = list(example.shape), describe_dtype(example.dtype)
    if actual is None:
        return f"{what} is None; it must be a torch.Tensor. Does every path of the function end in `return`?"
    if not isinstance(actual, torch.Tensor):
        found = describe_type(actual)
        return f"{what} is of type {found}; it must be a torch.Tensor of shape {shape}, {dtype}."
    if list(actual.shape) != shape:
        due = f"the shape of {like}, {shape}" if like else f"shape {shape}"
        return f"{what} has shape {list(actual.shape)}; it must have {due}."
    if actual.dtype != example.dtype:
        due = f"the dtype of {like}, {dtype}" if like else f"dtype {dtype}"
        return f"{what} has dtype {describe_dtype(actual.dtype)}; it must have {due}."
    if actual.layout is not torch.strided or actual.device != example.device:
        return f"{what} is {describe(actual)}; it must be an ordinary dense tensor on {example.device}."
    return None


def same(actual: object, expected: object) -> bool:
    """Tell whether two values are equal to the bit, with type, shape and dtype; NaN equals NaN in the same place."""
    if isinstance(expected, torch.Tensor) and isinstance(actual, torch.Tensor):
        return _structure_problem(actual, expected, "", None) is None and _all_equal(actual, expected)
    if type(actual) is not type(expected):
        return False  # True is not 1, and 1.0 is not 1
    if isinstance(expected, np.ndarray) and isinstance(actual, np.ndarray):
        alike = (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
        return alike and _all_equal(actual, expected)
    if isinstance(expected, list | tuple) and isinstance(actual, list | tuple):
        return len(actual) == len(expected) and all(map(same, actual, expected))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return actual.keys() == expected.keys() and all(same(actual[key], expected[key]) for key in expected)
    return bool(actual == expected) or (actual != actual and expected != expected)  # noqa: PLR0124 - NaN


def _all_equal(actual: Any, expected: Any) -> bool:
    both_nan = (actual != actual) & (expected != expected)  # noqa: PLR0124 - isnan refuses integers
    return bool(((actual == expected) | both_nan).all())


def _worst_place(actual: torch.Tensor, expected: torch.Tensor) -> str | None:
    """Return index and both numbers of the largest difference, None if there is only one number."""
    if expected.numel() <= 1:
        return None
    difference = (actual.double() - expected.double()).abs()
    # NaN counts as the largest: argmax would pass it over on some devices.
    flat = int(difference.nan_to_num(nan=float("inf")).argmax())
    index: list[int] = []
    for size in reversed(expected.shape):  # torch.unravel_index takes half a second to import what it needs
        flat, position = divmod(flat, size)
        index.insert(0, position)
    found, due = describe_pair(float(actual[tuple(index)]), float(expected[tuple(index)]))
    return f"{index}: {found} instead of {due}"


def _with_type(actual: object, expected: object) -> str:
    """Return a description of `actual`, with its type if that is the difference."""
    text = describe(actual)
    return text if type(actual) is type(expected) or actual is None else f"{text} ({describe_type(actual)})"
