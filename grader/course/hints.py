"""Reads the hints of a lesson, `exercises/LESSON/hints.toml`: for every exercise a few, the vaguest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course.schema_faults import Fault, suggestion
from grader.course.toml_file import read_toml
from grader.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.sources import ExerciseFiles

NAME = "hints.toml"


class HintsError(UsageError):
    """A file of hints is wrong; the text begins with the file and the line of the key."""


def hints_of(exercise: ExerciseFiles) -> tuple[str, ...]:
    """Return the hints for an exercise, none where nobody has written any.

    Raises:
        HintsError: the file is not TOML, violates `schemas/hints-1.schema.json`, or names an unknown exercise.
    """
    path = hints_file(exercise)
    if not path.is_file():
        return ()
    read = read_toml(path, path.relative_to(exercise.root).as_posix(), "hints-1.schema.json", HintsError)
    known = {stub.stem for stub in exercise.stub.parent.glob("*.py")}
    written = read.data["exercises"]
    read.refuse(
        Fault(("exercises", name), f"there is no exercise `{name}`: {suggestion(name, known, 'correct the name.')}")
        for name in written
        if name not in known
    )
    return tuple(" ".join(hint.split()) for hint in written.get(exercise.name, ()))


def hints_file(exercise: ExerciseFiles) -> Path:
    """Return where the hints for an exercise are written."""
    return exercise.stub.parent / NAME
