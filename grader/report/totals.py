"""Says in sentences what a whole verdict comes to, and under which conditions it was reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.failures import points
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.results import Verdict


def total_in_words(verdict: Verdict) -> list[str]:
    """Return one line with points, checks and conditions, then sentences on what the points do not say."""
    parts = [
        f"{points(verdict.points)} of {points(verdict.max_points)} points",
        _counts(check.outcome for exercise in verdict.exercises for check in exercise.checks),
        f"isolation {verdict.isolation}",
    ]
    if verdict.model:
        parts.append(f"model {verdict.model}")
    if verdict.seed is not None:
        parts.append(f"seed {verdict.seed}")
    said = ["; ".join(parts)]
    pending = [c for exercise in verdict.exercises for c in exercise.criteria if c.outcome is Outcome.SKIPPED]
    if pending:
        worth = points(sum(criterion.max_points for criterion in pending))
        why = "hidden checks, another model or a person"
        said.append(f"{worth} more points are decided later: by {why}.")
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
