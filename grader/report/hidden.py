"""Takes out of a result what a student may not read: what hidden checks asked for, and what they expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader.results import Outcome

if TYPE_CHECKING:
    from grader.results import CheckResult, ExerciseResult


def without_hidden_details(exercise: ExerciseResult) -> ExerciseResult:
    """Return a result in which hidden checks have no more than title, outcome and known mistakes.

    The next class meets the same ones. Where all checks failed for one reason that a public check shows, too, such as a
    function that is not written, it stays.
    """
    public = {check.message for check in exercise.checks if check.visibility == "public"}
    return msgspec.structs.replace(exercise, checks=tuple(_closed(check, public) for check in exercise.checks))


def _closed(check: CheckResult, public: set[str]) -> CheckResult:
    if check.visibility == "public":
        return check
    check = msgspec.structs.replace(check, explanation="")
    if check.outcome in (Outcome.PASSED, Outcome.SKIPPED):
        return check
    return msgspec.structs.replace(check, message=check.message if check.message in public else "", counterexample=None)
