"""Which exercises a command means: those that are named, or where somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course.outline import in_course_order
from grader.desk.standing import current, failed_last, standings
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.outline import Outline
    from grader.course.sources import ExerciseFiles

ALL = "all"


def named(outline: Outline, names: Sequence[str]) -> tuple[ExerciseFiles, ...]:
    """Return the named exercises in the order of the course, all of them for none or for the name "all".

    Raises:
        UsageError: a name is unknown or ambiguous.
    """
    wanted = _named(outline, names)
    return tuple(exercise for exercise in in_course_order(outline) if exercise in wanted)


def _named(outline: Outline, names: Sequence[str]) -> tuple[ExerciseFiles, ...]:
    taken = {name for lesson in outline.lessons for name in (lesson.name, *(e.name for e in lesson.exercises))}
    return outline.select([] if ALL in names and ALL not in taken else names)


def one(outline: Outline, name: str) -> ExerciseFiles:
    """Return the one exercise that a name means; raise `UsageError` if it is unknown, or a lesson's."""
    found = outline.select([name])
    if len(found) != 1:
        raise UsageError(f"`{name}` is a lesson: name one of its exercises, such as `{found[0].name}`.")
    return found[0]


def where_one_is(outline: Outline) -> ExerciseFiles | None:
    """Return the exercise that somebody is at, None if all have passed; raise `UsageError` if there are none."""
    outline.select([])
    return current(standings(outline))


def that_failed_last(outline: Outline, exercises: Sequence[ExerciseFiles]) -> tuple[ExerciseFiles, ...]:
    """Return those of the exercises whose last verdict was not "passed"."""
    failed = {exercise.key for exercise in failed_last(standings(outline))}
    return tuple(exercise for exercise in exercises if exercise.key in failed)
