"""Checks of the course that the current folder lies in: found, complete, and fitting this version of the grader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course.finding import find_course
from grader.course.rubric_reading import load_rubrics
from grader.doctor.finding import Finding, State, count
from grader.errors import UsageError
from grader.version import __version__
from grader.working_copy import RECORD, read_record

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.model import Course

_UPDATE = "grade init --update ."
_ANEW = "make a new copy with `grade init DIR`, and move your files there"


def course_around(folder: Path) -> tuple[Course | None, Finding]:
    """Return the course that a folder lies in, and what is to be said of it.

    Raises `UsageError` if there is one which is broken.
    """
    if not any((place / "exercises").is_dir() for place in (folder, *folder.parents)):
        found = f"not found: neither {folder} nor a folder above it contains `exercises/`"
        return None, Finding("course", State.WARNING, found, "`cd` into the folder of your course")
    course = find_course(folder)
    course.select(())
    kind = "with its answers" if (course.root / "reference").is_dir() else "a student's copy"
    size = f"{count(course.lessons, 'lesson')}, {count(course.in_code, 'exercise')}"
    found = f"{course.name} in {course.root}: {size}, {kind}"
    return course, Finding("course", State.OK, found)


def points(course: Course) -> Finding:
    """Check that the course's rubrics can be read and fit its checks; raises `UsageError` if they do not."""
    rubrics = load_rubrics(course)
    total = sum(rubric.points for rubric in rubrics.values())
    return Finding("points", State.OK, f"the rubrics give {total:g} points for {count(course.in_code, 'exercise')}")


def course_version(course: Course) -> Finding:
    """Compare the version of the grader that a copy was made with to the one that is installed."""
    name, path = "course version", course.root / RECORD
    if not path.is_file():
        return Finding(name, State.SKIPPED, f"not compared: the course has no {RECORD}")
    try:
        copy = read_record(course.root)
    except UsageError as error:
        return Finding(name, State.WARNING, str(error).partition(": make")[0], _ANEW)
    if copy.grader != __version__:
        found = f"this copy was made by version {copy.grader} of the grader, and {__version__} is installed"
        return Finding(name, State.WARNING, found, _UPDATE)
    return Finding(name, State.OK, f"the copy was made by the version that is installed, {__version__}")
