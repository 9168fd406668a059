"""Takes apart a list of answers, True or False."""

from __future__ import annotations

from grader.checks.assertions import CheckFailure
from grader.checks.text import describe


def bools(actual: object, count: int) -> list[bool]:
    """Return a list of `count` bools of Python, NumPy or PyTorch as plain ones, or raise `CheckFailure`."""
    __tracebackhide__ = True
    due = f"a list of {count} bools"
    if type(actual) is not list or len(actual) != count:
        raise CheckFailure(f"The result must be {due}.", expected=due, actual=describe(actual))
    if not all(map(_is_bool, actual)):
        raise CheckFailure(f"The result must be {due}: True or False.", expected=due, actual=describe(actual))
    return [bool(answer) for answer in actual]


def _is_bool(answer: object) -> bool:
    kind = str(getattr(answer, "dtype", "")).removeprefix("torch.")
    return isinstance(answer, bool) or (kind == "bool" and getattr(answer, "ndim", 1) == 0)
