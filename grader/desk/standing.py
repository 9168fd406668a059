"""How every exercise stands in a copy of the course, and which one is next."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from grader.course.outline import in_course_order
from grader.desk.made_of import course_hash, work_hash
from grader.desk.progress_file import read_progress
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.outline import Outline
    from grader.course.sources import ExerciseFiles
    from grader.desk.progress_file import Progress, Remembered
    from grader.desk.question_progress import QuestionProgress


class State(enum.Enum):
    """How an exercise stands. Only what was graded as it is now counts as passed or failed."""

    NOT_WRITTEN = enum.auto()
    BEGUN = enum.auto()  # written, and never graded
    EDITED = enum.auto()  # graded, and edited since
    OUTDATED = enum.auto()  # graded with other checks, another rubric or another version of the grader
    FAILED = enum.auto()
    PASSED = enum.auto()


class Standing(NamedTuple):
    """An exercise, its state, and its last verdict if there is one.

    `questions` says how far the questions are, if the exercise is the questions of a lesson.
    """

    exercise: ExerciseFiles
    state: State
    remembered: Remembered | None
    questions: QuestionProgress | None = None


def standings(outline: Outline, progress: Progress | None = None) -> list[Standing]:
    """Return how each exercise stands, in the order of the course."""
    known = read_progress(outline.root) if progress is None else progress
    return [_standing(exercise, known.exercises.get(exercise.key)) for exercise in in_course_order(outline)]


def _standing(exercise: ExerciseFiles, remembered: Remembered | None) -> Standing:
    if exercise.untouched:
        state = State.NOT_WRITTEN
    elif remembered is None:
        state = State.BEGUN
    elif remembered.work != work_hash(exercise):
        state = State.EDITED
    elif remembered.course != course_hash(exercise):
        state = State.OUTDATED
    else:
        state = State.PASSED if remembered.outcome is Outcome.PASSED else State.FAILED
    return Standing(exercise, state, remembered, _questions(exercise))


def _questions(exercise: ExerciseFiles) -> QuestionProgress | None:
    if not exercise.is_questions:
        return None
    from grader.desk.question_progress import progress_of  # a course without questions need not wait for it

    return progress_of(exercise)


def in_code(found: Sequence[Standing]) -> list[Standing]:
    """Return those that are solved in code."""
    return [each for each in found if not each.exercise.is_questions]


def current(found: Sequence[Standing]) -> ExerciseFiles | None:
    """Return where somebody is: the exercise that was edited last unless it has passed, else the next one.

    None if all have passed. Questions keep nobody from going on.
    """
    found = in_code(found)
    written = [each for each in found if each.state is not State.NOT_WRITTEN]
    last = max(written, key=lambda each: _changed(each.exercise), default=None)
    if last is not None and last.state is not State.PASSED:
        return last.exercise
    return following(found, last.exercise if last else None)


def following(found: Sequence[Standing], after: ExerciseFiles | None) -> ExerciseFiles | None:
    """Return the first exercise after another one, and then from the start, that has not passed; None if all have.

    Questions are never next: they are named with the exercise that they stand before.
    """
    found = in_code(found)
    keys = [each.exercise.key for each in found]
    place = keys.index(after.key) + 1 if after is not None and after.key in keys else 0
    rest = [*found[place:], *found[:place]]
    return next((each.exercise for each in rest if each.state is not State.PASSED), None)


def failed_last(found: Sequence[Standing]) -> list[ExerciseFiles]:
    """Return the exercises whose last verdict was not "passed", whatever has changed since."""
    return [
        each.exercise
        for each in found
        if each.remembered is not None
        and each.remembered.outcome is not Outcome.PASSED
        and (each.remembered.outcome is Outcome.FAILED or not each.exercise.is_questions)
    ]


def _changed(exercise: ExerciseFiles) -> int:
    try:
        return exercise.stub.stat().st_mtime_ns
    except OSError:
        return 0
