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


def total_in_points(verdict: Verdict) -> str:
    """Return the points of a verdict out of those that can be had now."""
    return f"{points(verdict.points)} of {points(_reachable(verdict))}"


def share(verdict: Verdict) -> float:
    """Return the points of a verdict as a part of those that can be had now, from 0 to 1; 1 if there are none."""
    reachable = _reachable(verdict)
    return verdict.points / reachable if reachable > 0 else 1.0


def _reachable(verdict: Verdict) -> float:
    return verdict.max_points - _pending(verdict.exercises)


def in_checks(exercise: ExerciseResult) -> str:
    """Return how many checks have passed out of those that were run."""
    ran = [check for check in exercise.checks if check.outcome is not Outcome.SKIPPED]
    return f"{sum(check.outcome is Outcome.PASSED for check in ran)} of {len(ran)}"


def _pending(exercises: Iterable[ExerciseResult]) -> float:
    criteria = [criterion for exercise in exercises for criterion in exercise.criteria]
    return sum(criterion.max_points for criterion in criteria if criterion.outcome is Outcome.SKIPPED)


def total_in_words(verdict: Verdict) -> list[str]:
    """Return one line with points, checks and conditions, then sentences on what the points do not say."""
    parts = [
        f"{total_in_points(verdict)} points",
        _counts(check.outcome for exercise in verdict.exercises for check in exercise.checks),
        f"isolation {verdict.isolation}",
    ]
    if verdict.model:
        parts.append(f"model {verdict.model}")
    if verdict.seed is not None:
        parts.append(f"seed {verdict.seed}")
    said = ["; ".join(parts)]
    if later := decided_later(verdict):
        said.append(later)
    if verdict.isolation == "off":
        said.append("The submission ran without confinement: trust this verdict only as far as you trust its author.")
    return said


def decided_later(verdict: Verdict) -> str:
    """Return a sentence on the points that are pending, "" if none is."""
    if not (pending := _pending(verdict.exercises)):
        return ""
    return f"{more_points(pending)}."


def more_points(pending: float) -> str:
    """Return that points are pending, and what they wait for, as a sentence without its full stop."""
    are = "point is" if pending == 1 else "points are"
    return f"{points(pending)} more {are} decided later: by hidden checks, another model or a person"


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
