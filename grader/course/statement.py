"""What a course itself says on an exercise, which is nobody's answer: its lesson's page and the top of its stub."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.course.syntax import parse

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.model import Exercise


def statement_of(exercise: Exercise, *, in_place: bool) -> str:
    """Return the lesson's page and the docstring at the top of the stub, as far as they can be read.

    `in_place`, or once somebody has worked on the stub, its docstring may hold an answer and is left out.
    """
    page = _text_of(exercise.stub.parent / "README.md")
    if in_place or not exercise.untouched:
        return page
    try:
        docstring = ast.get_docstring(parse(_text_of(exercise.stub)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        docstring = None
    return f"{page}\n\n{docstring or ''}"


def other_exercises(exercise: Exercise) -> set[str]:
    """Return the names of all other exercises of the course."""
    return {path.stem for path in exercise.stub.parent.parent.glob("*/*.py")} - {exercise.name}


def lessons_with_its_name(exercise: Exercise) -> set[str]:
    """Return the other lessons that have an exercise of the same name, or of a lesson's questions, those with some."""
    name = exercise.public_checks.name if exercise.is_questions else exercise.stub.name
    return {path.parent.name for path in exercise.stub.parent.parent.glob(f"*/{name}")} - {exercise.lesson}


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
