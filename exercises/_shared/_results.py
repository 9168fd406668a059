"""Takes apart what an experiment returns, a dict of tensors, numbers and lists, any of which may be something else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from grader.checks.assertions import CheckFailure, assert_close
from grader.checks.text import describe, describe_type

if TYPE_CHECKING:
    from collections.abc import Sequence


def entries(actual: object, names: Sequence[str]) -> dict[str, Any]:
    """Return a dict that has just these keys as it is, or raise `CheckFailure`."""
    __tracebackhide__ = True
    due = f"a dict with the keys {', '.join(map(repr, names))}"
    if type(actual) is not dict:
        hint = " Does every path of the function end in `return`?" if actual is None else ""
        found = "None" if actual is None else f"of type {describe_type(actual)}"
        raise CheckFailure(f"The result is {found}; it must be {due}.{hint}", expected=due, actual=describe(actual))
    missing = [name for name in names if name not in actual]
    odd = [key for key in actual if key not in names]
    if missing or odd:
        problem = f"has no {missing[0]!r}" if missing else f"has the key {describe(odd[0])} too"
        raise CheckFailure(f"The result {problem}; it must be {due}.", expected=due, actual=describe(list(actual)))
    return actual


def listed(value: object, count: int, what: str) -> list[Any]:
    """Return a list or tuple of `count` items as a list, or raise `CheckFailure`; `what` names it."""
    __tracebackhide__ = True
    due = f"a list of {count}"
    if type(value) not in (list, tuple):
        raise CheckFailure(
            f"{what} is of type {describe_type(value)}; it must be {due}.", expected=due, actual=describe(value)
        )
    items = list(value)  # type: ignore[call-overload]
    if len(items) != count:
        raise CheckFailure(f"{what} holds {len(items)}; it must be {due}.", expected=due, actual=describe(value))
    return items  # type: ignore[no-any-return]


def number(value: Any, what: str) -> float:
    """Return a finite number of Python, NumPy or PyTorch as a float, or raise `CheckFailure`; `what` names it."""
    __tracebackhide__ = True
    found = value.item() if _is_scalar(value) else value
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise CheckFailure(
            f"{what} is of type {describe_type(value)}; it must be a number.",
            expected="a number",
            actual=describe(value),
        )
    if not -math.inf < found < math.inf or abs(found) > float(torch.finfo(torch.float32).max):
        raise CheckFailure(
            f"{what} is {describe(found)}; it must be finite.", expected="a number", actual=describe(value)
        )
    return float(found)


def result(actual: object) -> float:
    """Return a function's result, a finite number, as a float, or raise `CheckFailure`."""
    __tracebackhide__ = True
    if actual is None:
        due = "a number"
        raise CheckFailure(
            f"The result is None; it must be {due}. Does every path of the function end in `return`?",
            expected=due,
            actual="None",
        )
    return number(actual, "The result")


def _is_scalar(value: Any) -> bool:
    """Tell a number of NumPy's, and an array or an ordinary tensor without dimensions, all of which have `item`."""
    if isinstance(value, torch.Tensor):
        return value.ndim == 0 and value.layout is torch.strided and not value.is_meta
    return isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0)


def numbers(value: object, count: int, what: str) -> list[float]:
    """Return a list of `count` finite numbers as floats, or raise `CheckFailure`; `what` names it."""
    __tracebackhide__ = True
    return [number(item, f"{what}[{index}]") for index, item in enumerate(listed(value, count, what))]


def assert_numbers(actual: Sequence[float], expected: Sequence[float], sentence: str, *, tolerance: float) -> None:
    """Raise `CheckFailure` unless as many numbers are within the tolerance of those expected, by `distance`."""
    __tracebackhide__ = True
    found, due = (torch.tensor(each, dtype=torch.float64) for each in (actual, expected))
    assert_close(found, due, sentence, tolerance=tolerance)
