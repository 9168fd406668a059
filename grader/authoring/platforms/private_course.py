"""The files that grading needs, answers and hidden checks among them: for machines that students cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course.rubric_reading import load_rubrics
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.authoring.platforms.wanted import Wanted
    from grader.course.model import Course
    from grader.working_copy import Installation

FOLDER = "course"
_ALSO = ("exercises/README.md", "rubrics/policy.toml", "tolerances.json")


def private_files(course: Course) -> dict[str, bytes]:
    """Return everything that decides a result, and what is recorded of known mistakes, by path.

    Raises:
        UsageError: a rubric is wrong, or a file cannot be read.
    """
    load_rubrics(course)
    paths = {course.root / name for name in _ALSO}
    for exercise in course.exercises:
        paths |= {*exercise.sources}
        if exercise.recorded_mistakes is not None:
            paths.add(exercise.recorded_mistakes)
    with reading():
        found = {path.relative_to(course.root).as_posix(): path.read_bytes() for path in paths if path.is_file()}
    return dict(sorted(found.items()))


def needed(installation: Installation | None, platform: str) -> Installation:
    """Return how the grader is installed; raise `UsageError` where only a person knows, as no machine can ask."""
    if installation is None:
        raise UsageError(f"{platform} installs the grader by itself: say what with --wheel FILE or --git URL@COMMIT.")
    return installation


def below(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files as they are called in a folder."""
    return {f"{folder}/{path}": content for path, content in files.items()}


def with_names(template: bytes, course: Course, wanted: Wanted) -> bytes:
    """Return a workflow or pipeline in which `EXERCISES` stands for the exercises that are graded, none for all."""
    names = " ".join(exercise.key for exercise in course.select(wanted.names)) if wanted.names else ""
    return template.replace(b"EXERCISES_HERE", names.encode())
