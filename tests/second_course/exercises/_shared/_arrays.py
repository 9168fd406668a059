"""Compares NumPy arrays and plain numbers, with a sentence for whatever a student's function returned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from grader.checks import CheckFailure, assert_close, describe
from grader.checks.assertions import assert_items
from grader.checks.text import describe_type

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NUMBERS = 12  # that are shown of an array


def assert_array(actual: object, shape: tuple[int, ...]) -> np.ndarray:
    """Return `actual` if it is a float64 array of this shape without NaN and infinities; else raise `CheckFailure`."""
    __tracebackhide__ = True
    for sentence in _faults_of(actual, shape):
        wanted = f"a float64 array of shape {list(shape)}"
        raise CheckFailure(f"The result {sentence}.", expected=wanted, actual=shown(actual))
    assert isinstance(actual, np.ndarray)
    return actual


def assert_array_close(actual: object, expected: np.ndarray, sentence: str) -> None:
    """Raise `CheckFailure` unless `actual` is an array like `expected`, within the tolerance of float64."""
    __tracebackhide__ = True
    array = assert_array(actual, expected.shape)
    try:
        # Through assert_close: `grade verify` sees how far right and wrong results lie apart.
        assert_close(torch.from_numpy(array.copy()), torch.from_numpy(expected.copy()), sentence)
    except CheckFailure as failure:
        failure.expected, failure.actual = shown(expected), shown(array)
        raise


def assert_number_close(actual: float, expected: float, sentence: str) -> None:
    """Raise `CheckFailure` unless a finite number lies within the tolerance of float64 of the one expected."""
    __tracebackhide__ = True
    try:
        assert_close(*(torch.tensor(value, dtype=torch.float64) for value in (actual, expected)), sentence)
    except CheckFailure as failure:
        failure.expected, failure.actual = describe(float(expected)), describe(float(actual))
        raise


def assert_numbers(actual: object, names: tuple[str, ...]) -> list[float]:
    """Return the finite numbers in a tuple or list, one for each of the `names`; else raise `CheckFailure`."""
    __tracebackhide__ = True
    numbers = []
    for name, value in zip(names, assert_items(actual, names), strict=True):
        number = value.item() if isinstance(value, np.generic) else value
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise CheckFailure(
                f"{name} is of type {describe_type(value)}; it must be a number.", actual=describe(actual)
            )
        if not math.isfinite(number):
            raise CheckFailure(f"{name} is {number}; it must be finite.", actual=describe(actual))
        numbers.append(number)
    return numbers


def shown(value: object) -> str:
    """Return an array as text that can be pasted if it is small, anything else as the grader describes it."""
    if not isinstance(value, np.ndarray):
        return describe(value)
    if value.size > MOST_NUMBERS:
        return f"an array of shape {list(value.shape)}, {value.dtype}"
    return f"array({describe(value.tolist())})"


def _faults_of(actual: object, shape: tuple[int, ...]) -> Iterator[str]:
    if actual is None:
        yield "is None; it must be a NumPy array. Does every path of the function end in `return`?"
    elif not isinstance(actual, np.ndarray):
        yield f"is of type {describe_type(actual)}; it must be a NumPy array"
    elif actual.shape != shape:
        yield f"has shape {list(actual.shape)}; it must have shape {list(shape)}"
    elif actual.dtype != np.float64:
        yield f"has dtype {actual.dtype}; it must have dtype float64"
    elif not np.isfinite(actual).all():
        yield "holds NaN or infinity. Look for a division by zero"
