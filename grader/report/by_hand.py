"""Says of the criteria that a person marks where the student's answer was found, or how to give one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.failures import points

if TYPE_CHECKING:
    from grader.results import CriterionResult, ExerciseResult


def marked_by_hand(exercise: ExerciseResult) -> list[CriterionResult]:
    """Return the criteria of an exercise that a person marks."""
    return [criterion for criterion in exercise.criteria if criterion.manual]


def worth(criterion: CriterionResult) -> str:
    """Return what such a criterion is worth, and who gives it."""
    return f"{points(criterion.max_points)} point{'' if criterion.max_points == 1 else 's'}, given by a person"


def answers_found(exercise: ExerciseResult) -> list[str]:
    """Return sentences on where the answer stands, on what of it could not be read, or on how to write one."""
    found = []
    if exercise.answers:
        found.append(f"Your answer: {'; '.join(answer.place for answer in exercise.answers)}.")
    found += exercise.unread_answers
    return found or [
        f"Not answered yet. Write your answer in {exercise.name}.md beside your code, or in a text cell of your "
        f"notebook under the heading `{exercise.name}`."
    ]
