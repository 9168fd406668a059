"""Finds, inside a kernel, the notebook's file and the course that it belongs to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.course.outline import course_name, find_outline
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

OF_COLAB = Path("/content/course")
BESIDE = "course"  # what a copy of the course is called that lies beside a notebook


class Place(NamedTuple):
    """A course, and the lesson that the notebook is in ("" if it lies elsewhere)."""

    root: Path
    lesson: str

    def __str__(self) -> str:
        """Return the place as a part of a sentence."""
        lesson = f", lesson {self.lesson}" if self.lesson else ""
        return f"{course_name(self.root)} ({self.root}{lesson})"


def on_colab() -> bool:
    """Tell whether this kernel runs in Google Colab."""
    return "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ


def notebook_file(variables: dict[str, Any]) -> Path | None:
    """Return the notebook's file, as VS Code or Jupyter names it, None where nobody does."""
    named = [variables.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")]
    for name in named:
        if isinstance(name, str) and name.endswith(".ipynb") and Path(name).is_file():
            return Path(name).absolute()
    here = [path for path in Path.cwd().glob("*.ipynb") if path.is_file()]
    return here[0].absolute() if len(here) == 1 else None


def find_place(variables: dict[str, Any]) -> Place:
    """Return the course that the notebook lies in, or that lies beside it.

    Raises:
        UsageError: there is none.
    """
    for folder in _folders(variables):
        if (place := place_at(folder)) is not None:
            return place
    raise UsageError(
        f"No course was found from {Path.cwd()}: `%grader course PATH` says where it is, or run the notebook's set-up "
        "cell, which makes a copy."
    )


def place_at(folder: Path) -> Place | None:
    """Return the course that a folder lies in, None if it lies in none or is not there."""
    if not folder.is_dir():
        return None
    try:
        outline = find_outline(folder)
    except UsageError:
        return None
    here = folder.resolve()
    lesson = next((each.name for each in outline.lessons if here.is_relative_to(each.folder.resolve())), "")
    return Place(outline.root, lesson)


def _folders(variables: dict[str, Any]) -> Iterator[Path]:
    if path := os.environ.get("GRADE_COURSE"):
        yield Path(path)
    here = Path.cwd()
    yield here
    if (file := notebook_file(variables)) is not None:
        yield file.parent
    yield here / BESIDE
    if on_colab():
        yield OF_COLAB
