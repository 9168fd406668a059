"""The points of every exercise, read quickly: how many can be reached in this copy, and how many are decided later."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.course.sources import QUESTIONS

if TYPE_CHECKING:
    from grader.course.outline import LessonOutline, Outline


class Points(NamedTuple):
    """Points that can be reached at this desk, and those that hidden checks, a real model or a person decide later."""

    here: float
    later: float


class _Criterion(msgspec.Struct):
    points: float
    visibility: str
    manual: bool = False
    tier: str = "cpu"
    examples: float = 0.0


class _Exercise(msgspec.Struct):
    criteria: list[_Criterion]


class _Rubric(msgspec.Struct):
    exercises: dict[str, _Exercise]


def points(outline: Outline) -> dict[str, Points]:
    """Return the points of each exercise by `LESSON/NAME`.

    Raises:
        UsageError: a rubric cannot be used.
    """
    found: dict[str, Points] = {}
    try:
        for lesson in outline.lessons:
            found |= _of_lesson(outline, lesson)
    except (OSError, ValueError, KeyError):  # every error of msgspec is a ValueError
        _refuse(outline)
        raise
    return found


def _of_lesson(outline: Outline, lesson: LessonOutline) -> dict[str, Points]:
    import tomllib  # a listing need not wait for it: it keeps the points

    path = outline.root / "rubrics" / f"{lesson.name}.toml"
    rubric = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), _Rubric)
    if any(exercise.is_questions for exercise in lesson.exercises):  # of which perhaps none counts
        rubric.exercises.setdefault(QUESTIONS, _Exercise([]))
    if rubric.exercises.keys() != {exercise.name for exercise in lesson.exercises}:
        raise KeyError(lesson.name)
    return {exercise.key: _sum(rubric.exercises[exercise.name], exercise.reference) for exercise in lesson.exercises}


def _sum(exercise: _Exercise, reference: object) -> Points:
    def is_here(criterion: _Criterion) -> bool:
        decided_later = (criterion.visibility == "hidden" or criterion.examples) and reference is None
        return not (decided_later or criterion.manual or criterion.tier == "gpu")

    here = sum(criterion.points for criterion in exercise.criteria if is_here(criterion))
    return Points(here, sum(criterion.points for criterion in exercise.criteria) - here)


def _refuse(outline: Outline) -> None:
    """Raise the error that says what is wrong, and where."""
    from grader.course.finding import find_course
    from grader.course.rubric_reading import load_rubrics

    load_rubrics(find_course(outline.root))
