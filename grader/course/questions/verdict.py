"""Compares an answer with what is right, and finds the mistake behind a wrong one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from grader.course.questions.typed import Value, value_of

if TYPE_CHECKING:
    from grader.course.questions.model import Key, Question, Tempting


def is_right(question: Question, key: Key, value: Value) -> bool:
    """Tell whether a value is right: a number up to its tolerance, anything else exactly."""
    return _is_same(value, value_of(question, key.answer), key.tolerance)


def temptation(question: Question, key: Key, value: Value) -> Tempting | None:
    """Return the tempting answer that a wrong value is, None if it is not one of them."""
    return next(
        (each for each in key.tempting if _is_same(value, value_of(question, each.answer), each.tolerance)), None
    )


def _is_same(value: Value, wanted: Value, tolerance: Decimal) -> bool:
    if isinstance(value, Decimal) and isinstance(wanted, Decimal):
        return abs(value - wanted) <= tolerance
    return value == wanted
