"""Finds lessons and exercises by the names that people give, and offers the closest where there is none."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.course.model import Exercise, Lesson


def named(lessons: Sequence[Lesson], names: Iterable[str]) -> set[Exercise]:
    """Return the exercises that are named; a name is a lesson's, an exercise's, or `LESSON/NAME`.

    Of equal names a lesson's goes first. Raises `UsageError` if a name is unknown, or is an exercise's in several
    lessons.
    """
    return {exercise for name in names for exercise in _named(lessons, name)}


def _named(lessons: Sequence[Lesson], name: str) -> tuple[Exercise, ...]:
    for lesson in lessons:
        if lesson.name == name:
            return lesson.exercises
    found = tuple(e for lesson in lessons for e in lesson.exercises if name in (e.name, e.key))
    if not found:
        raise UsageError(f"No lesson or exercise is called `{name}`: {_suggestion(lessons, name)}")
    if len(found) > 1:
        choices = " or ".join(f"`{exercise.key}`" for exercise in found)
        raise UsageError(f"Several lessons have an exercise `{name}`: write {choices}.")
    return found


def _suggestion(lessons: Sequence[Lesson], name: str) -> str:
    known = [lesson.name for lesson in lessons]
    names = [full for lesson in lessons for e in lesson.exercises for full in (e.name, e.key)]
    close = closest(name, known + names)
    return f"did you mean `{close}`?" if close else f"the lessons are {', '.join(known)}."


def closest(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the candidate that `name` is most likely a misspelling of, or None if none is that similar."""
    matches = difflib.get_close_matches(name, list(candidates), n=1, cutoff=cutoff)
    return matches[0] if matches else None
