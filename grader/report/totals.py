"""Says in sentences what a whole verdict comes to, and under which conditions it was reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.failures import points
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.results import ExerciseResult, Verdict


def in_points(exercise: ExerciseResult) -> str:
    """Return the points of an exercise out of those that can be had now: what is pending is decided later."""
    return f"{points(exercise.points)} of {points(exercise.max_points - _pending([exercise]))}"


def _pending(exercises: Iterable[ExerciseResult]) -> float:
    criteria = [criterion for exercise in exercises for criterion in exercise.criteria]
    return sum(criterion.max_points for criterion in criteria if criterion.outcome is Outcome.SKIPPED)


def total_in_words(verdict: Verdict) -> list[str]:
    """Return one line with points, checks and conditions, then sentences on what the points do not say."""
    pending = _pending(verdict.exercises)
    parts = [
        f"{points(verdict.points)} of {points(verdict.max_points - pending)} points",
        _counts(check.outcome for exercise in verdict.exercises for check in exercise.checks),
        f"isolation {verdict.isolation}",
    ]
    if verdict.model:
        parts.append(f"model {verdict.model}")
    if verdict.seed is not None:
        parts.append(f"seed {verdict.seed}")
    said = ["; ".join(parts)]
    if pending:
        said.append(f"{points(pending)} more points are decided later: by hidden checks, another model or a person.")
    if verdict.isolation == "off":
        said.append("The submission ran without confinement: trust this verdict only as far as you trust its author.")
    return said


def _counts(outcomes: Iterable[Outcome]) -> str:
    found = list(outcomes)
    words = {
        Outcome.PASSED: "passed",
        Outcome.FAILED: "failed",
        Outcome.SKIPPED: "pending",
        Outcome.ERROR: "not decided because the grader broke",
    }
    counted = ", ".join(f"{found.count(outcome)} {word}" for outcome, word in words.items() if outcome in found)
    return f"checks: {counted}"
