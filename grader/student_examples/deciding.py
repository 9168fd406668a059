"""Decides the points for a student's own examples: all of them right, and enough known mistakes caught."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from grader.course.rubric import EXAMPLES
from grader.errors import UsageError
from grader.results import CheckResult, Outcome
from grader.student_examples import telling
from grader.student_examples.reading import like, read_examples
from grader.student_examples.trying import worth_of

if TYPE_CHECKING:
    from grader.course.model import Exercise
    from grader.course.rubric import Criterion
    from grader.judging import Judging
    from grader.student_examples.reading import Example
    from grader.student_examples.trying import Worth
    from grader.submission.answers import Text

_ROUNDING = 1e-9  # 0.1 of 30 mistakes are 3, and no more


def decided(grader: Judging, exercise: Exercise, criterion: Criterion, text: Text | None) -> CheckResult:
    """Return the result of a criterion on the examples in a text: pending where the known mistakes are not at hand."""
    outcome, message = _decided(grader, exercise, criterion, text)
    return CheckResult(EXAMPLES, criterion.title, criterion.visibility, outcome, message, 0.0, None, ())


def _decided(grader: Judging, exercise: Exercise, criterion: Criterion, text: Text | None) -> tuple[Outcome, str]:
    if text is None:
        if exercise.solution is None:
            return Outcome.SKIPPED, f"none yet: write them in {exercise.name}.examples"
        place = f"write them in {exercise.name}.examples, a line each, such as `{like(exercise)}`."
        return Outcome.FAILED, f"There are no examples for this exercise: {place}"
    if text.sentence:
        return Outcome.FAILED, text.sentence
    try:
        examples = read_examples(text.path, text.text, exercise)
    except UsageError as error:
        return Outcome.FAILED, str(error)
    worth = worth_of(grader, exercise, examples)
    if worth is None:
        return Outcome.SKIPPED, f"{_counted(len(examples), 'example')} noted"
    why_not = _why_not(examples, worth, criterion)
    return Outcome.FAILED if why_not else Outcome.PASSED, why_not


def _why_not(examples: list[Example], worth: Worth, criterion: Criterion) -> str:
    """Return why examples do not earn their points, "" if they do."""
    if worth.costly is not None:
        return telling.costly(worth.costly)
    if worth.contradicted:
        return _contradicted(examples, worth)
    known = len(worth.caught) + len(worth.missed)
    wanted = math.ceil(criterion.examples * known - _ROUNDING)
    if len(worth.caught) >= wanted:
        return ""
    caught = f"Your examples catch {len(worth.caught)} of the {known} mistakes that this course knows"
    return f"{caught}, and {wanted} are asked for. {telling.missed(worth)}"


def _contradicted(examples: list[Example], worth: Worth) -> str:
    first, *others = worth.contradicted
    also = f" and {_counted(len(others), 'other')} of your {len(examples)} examples" if others else ""
    return f"A correct solution contradicts line {first.line}, `{first.text}`{also}: compute by hand what it returns."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
