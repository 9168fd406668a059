"""What results of checks come to by the rubric: an exercise's criteria and points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader.course.rubric import mark
from grader.results import CheckResult, ExerciseResult, Outcome, combined_outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from grader.course.model import Exercise, Tier
    from grader.course.rubric import ExerciseRubric


def undecided(
    exercises: Iterable[Exercise], rubrics: Mapping[tuple[str, str], ExerciseRubric], reason: str
) -> tuple[ExerciseResult, ...]:
    """Return results that say that the grader broke on all of the exercises, and why: no points, and no zero either."""
    return tuple(marked(e, rubrics, all_checks(e, Outcome.ERROR, reason)) for e in exercises)


def marked(
    exercise: Exercise, rubrics: Mapping[tuple[str, str], ExerciseRubric], checks: tuple[CheckResult, ...]
) -> ExerciseResult:
    """Return the result that checks make by the rubric, with what a student's copy of the course does not have."""
    rubric = rubrics[exercise.lesson, exercise.name]
    checks += tuple(_pending(rubric, {check.name for check in checks}))
    counting = tuple(c for c in checks if rubric.criterion_of(c.name)) if exercise.is_questions else checks
    criteria = mark(rubric, counting)
    return ExerciseResult(
        lesson=exercise.lesson,
        name=exercise.name,
        points=sum(criterion.points for criterion in criteria),
        max_points=rubric.points,
        outcome=_outcome(checks, counting),
        checks=checks,
        criteria=criteria,
    )


def _outcome(checks: tuple[CheckResult, ...], counting: tuple[CheckResult, ...]) -> Outcome:
    """Return the outcome of those that count; practice alone can only be passed, and is not failed."""
    if counting:
        return combined_outcome(check.outcome for check in counting)
    return Outcome.PASSED if all(check.outcome is Outcome.PASSED for check in checks) else Outcome.SKIPPED


def all_checks(exercise: Exercise, outcome: Outcome, message: str) -> tuple[CheckResult, ...]:
    """Return the same result for every check of an exercise that could not be run."""
    return tuple(
        CheckResult(check.name, check.title, check.visibility, outcome, message, 0.0, None, ())
        for check in exercise.checks
    )


def why_skipped(exercise: Exercise, rubric: ExerciseRubric, name: str, tier: Tier) -> str:
    """Return why a check does not run on a tier, "" if it does: by its mark, and by its criterion."""
    check = next((check for check in exercise.checks if check.name == name), None)
    if check is None:
        return ""
    needs_real = any(c.tier == "gpu" for c in rubric.criteria if name in c.checks) or "cpu" not in check.tiers
    if tier == "gpu" and "gpu" not in check.tiers:
        return "Pending: this runs on the tiny model only, without --tier gpu."
    if tier == "cpu" and needs_real:
        return "Pending: this needs a real model, `--tier gpu --model ID_OR_PATH`."
    return ""


def without_code(exercise: Exercise, rubric: ExerciseRubric, reason: str, tier: Tier) -> tuple[CheckResult, ...]:
    """Return the results of all checks for work that does not have the function.

    They have failed, apart from checks of another tier, which are pending as they are for everybody else. So an
    exercise has one maximum for the whole class.
    """
    return tuple(
        msgspec.structs.replace(check, outcome=Outcome.SKIPPED, message=skipped)
        if (skipped := why_skipped(exercise, rubric, check.name, tier))
        else check
        for check in all_checks(exercise, Outcome.FAILED, reason)
    )


def _pending(rubric: ExerciseRubric, present: set[str]) -> Iterator[CheckResult]:
    """Yield the hidden checks that the rubric counts and a student's copy of the course does not have."""
    for criterion in rubric.criteria:
        for name in criterion.checks:
            if name not in present:
                message = "Not part of this copy of the course: it counts when your instructor grades your work."
                yield CheckResult(name, criterion.title, "hidden", Outcome.SKIPPED, message, 0.0, None, ())
