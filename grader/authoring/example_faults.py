"""Looks for what is wrong with the points for a student's own examples: an author must have shown how to earn them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.faults import text_of
from grader.results import Outcome
from grader.submission.answers import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Exercise
    from grader.grading import Grader


def faults_of_examples(grader: Grader, exercise: Exercise) -> Iterator[str]:
    """Yield why the points for examples are not known to be within reach, if the rubric gives some."""
    criterion = grader.rubrics[exercise.lesson, exercise.name].of_examples
    if criterion is None or exercise.solution is None:
        return
    path = exercise.solution.with_name("solution.examples")
    place = path.relative_to(exercise.root).as_posix()
    if not path.is_file():
        yield f"{place} is missing: write examples that earn the points for `{criterion.title}`, as a student would."
        return
    from grader.student_examples.deciding import decided

    result = decided(grader, exercise, criterion, Text(place, text_of(path)))
    if result.outcome is not Outcome.PASSED:
        yield f"{place} does not earn the points for `{criterion.title}`. {result.message}"
