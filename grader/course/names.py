"""Finds lessons and exercises by the names or paths that people give, and offers the closest where there is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.course.sources import ExerciseFiles

E = TypeVar("E", bound="ExerciseFiles")
E_co = TypeVar("E_co", bound="ExerciseFiles", covariant=True)
_MOST_COMPARED = 1000  # names: comparing is slow, and a hostile file may define any number
_SIMILAR = 0.75  # `scale` is 0.77 like `scale_all`


class Lesson(Protocol[E_co]):
    """What is looked for in a lesson."""

    @property
    def name(self) -> str:
        """The name of its folder."""

    @property
    def folder(self) -> Path:
        """Its folder."""

    @property
    def exercises(self) -> tuple[E_co, ...]:
        """Its exercises."""


def chosen(root: Path, lessons: Sequence[Lesson[E]], names: Sequence[str]) -> tuple[E, ...]:
    """Return the exercises that are named, each once and in the order of the lessons; all of them for no name.

    A name is a lesson's, an exercise's, `LESSON/NAME`, or the path of a stub or of a lesson's folder. Of equal names a
    lesson's goes first.

    Raises:
        UsageError: there is no exercise, a name is unknown (the closest is offered), or it is an exercise's in several
            lessons.
    """
    exercises = tuple(exercise for lesson in lessons for exercise in lesson.exercises)
    if not exercises:
        for name in names:
            _refuse_if_lost(root, name)
        raise UsageError(
            f"No exercise was found in {root}: change to the folder of your course, or make an exercise with "
            "`grade new LESSON/NAME`."
        )
    if not names:
        return exercises
    found = {exercise.key for name in names for exercise in _named(root, lessons, name)}
    return tuple(exercise for exercise in exercises if exercise.key in found)


def _named(root: Path, lessons: Sequence[Lesson[E]], name: str) -> tuple[E, ...]:
    for lesson in lessons:
        if lesson.name == name:
            return lesson.exercises
    found = tuple(e for lesson in lessons for e in lesson.exercises if name in (e.name, e.key))
    if not found and _is_path(name):
        return _at(root, lessons, name)
    if not found:
        _refuse_if_lost(root, name)
        raise UsageError(f"No lesson or exercise is called `{name}`: {_suggestion(lessons, name)}")
    if len(found) > 1:
        choices = " or ".join(f"`{exercise.key}`" for exercise in found)
        raise UsageError(f"Several lessons have an exercise `{name}`: write {choices}.")
    return found


def _refuse_if_lost(root: Path, name: str) -> None:
    """Raise `UsageError` if a name is that of an exercise of which the stub alone is missing."""
    stub = name.rpartition("/")[2]
    for checks in sorted(root.glob(f"exercises/*/checks/test_{stub}.py")) if stub.isidentifier() else ():
        lost = checks.parents[1] / f"{stub}.py"
        if not lost.exists():
            place = lost.relative_to(root).as_posix()
            raise UsageError(f"{place} is missing: if it was deleted or renamed, `grade reset {stub}` puts it back.")


def _is_path(name: str) -> bool:
    """Tell what can only be meant as a path from a misspelt name."""
    return name.endswith(".py") or (os.sep in name and Path(name).exists())


def _at(root: Path, lessons: Sequence[Lesson[E]], name: str) -> tuple[E, ...]:
    """Return the exercise or the lesson at a path; the checks of an exercise stand for it."""
    path = Path(name).resolve()
    for lesson in lessons:
        if path in (lesson.folder, lesson.folder / "checks"):
            return lesson.exercises
        if found := tuple(e for e in lesson.exercises if path in (e.stub, e.public_checks, e.hidden_checks)):
            return found
    if not path.exists():
        raise UsageError(f"There is no {name}: {_suggestion(lessons, Path(name).stem)}")
    raise UsageError(
        f"{name} is not an exercise of the course in {root}: name an exercise, and this file with --submission."
    )


def _suggestion(lessons: Sequence[Lesson[ExerciseFiles]], name: str) -> str:
    known = [lesson.name for lesson in lessons]
    names = [full for lesson in lessons for e in lesson.exercises for full in (e.name, e.key)]
    close = closest(name, known + names)
    return f"did you mean `{close}`?" if close else f"the lessons are {', '.join(known)}."


def misspelt(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that may be meant by a name: `scaleAll` or `scales_all` by `scale_all`; None for none."""
    compared = [found for found in sorted(candidates) if len(found) <= 2 * len(name)][:_MOST_COMPARED]
    plain = {_letters(found): found for found in compared}
    match = closest(_letters(name), plain, cutoff=_SIMILAR)
    return plain[match] if match else None


def _letters(name: str) -> str:
    return name.lower().replace("_", "")


def of_one_number(name: str, candidates: Iterable[str]) -> list[str]:
    """Return the candidates with the digits of a name: a key that differs in these is another person's, or group's."""
    return [found for found in candidates if _digits(found) == _digits(name)]


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))


def closest(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the candidate that `name` is most likely a misspelling of, or None if none is that similar."""
    import difflib  # a name that is known need not wait for it

    matches = difflib.get_close_matches(name, list(candidates), n=1, cutoff=cutoff)
    return matches[0] if matches else None
