"""Finds the last verdict on an exercise, and a check in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from grader.course.names import closest
from grader.desk.choosing import one
from grader.desk.judges import judged
from grader.desk.remembering import last_verdict
from grader.desk.request import Request
from grader.desk.verdicts import answered
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.course.outline import Outline
    from grader.results import CheckResult, ExerciseResult, Verdict


def verdict_to_show(outline: Outline, name: str, *, daemon: bool = True, silent: bool = False) -> Verdict:
    """Return the verdict on an exercise as it is now: the last one, or if the work has changed since, a new one.

    There is no bar if `silent`.

    Raises:
        UsageError: the name is unknown, or the work cannot be graded.
    """
    exercise = one(outline, name)
    if (known := last_verdict(outline.root, exercise)) is not None:
        return known
    asked = Request(folder=os.getcwd(), exercises=(exercise.key,))  # noqa: PTH109 - it is sent as it is
    return answered(outline, asked, lambda asked: judged(asked, outline.root, daemon=daemon, silent=silent)).verdict


def found_check(exercise: ExerciseResult, wanted: str) -> CheckResult:
    """Return a check by its number, counted from 1, or by its name; raise `UsageError` if there is none."""
    checks = exercise.checks
    if wanted.isdecimal() and 1 <= int(wanted) <= len(checks):
        return checks[int(wanted) - 1]
    named = {check.name: check for check in checks}
    if found := named.get(wanted) or named.get(f"test_{wanted}"):
        return found
    close = closest(wanted, named)
    remedy = f"did you mean `{close}`?" if close else f"give a number from 1 to {len(checks)}, or a name."
    raise UsageError(f"{exercise.name} has no check `{wanted}`: {remedy}")
