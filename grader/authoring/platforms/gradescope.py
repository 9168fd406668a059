"""The archive that Gradescope builds an autograder from."""

from __future__ import annotations

import secrets
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from grader.authoring.platforms.private_course import FOLDER, below, needed, private_files
from grader.classroom.autograders.settings import NAME, Settings
from grader.installing import CONSTRAINTS

if TYPE_CHECKING:
    from grader.authoring.platforms.wanted import Wanted
    from grader.course.model import Course
    from grader.working_copy import Installation

PROGRAMS = ("setup.sh", "run_autograder")


def files(course: Course, wanted: Wanted, installation: Installation | None) -> dict[str, bytes]:
    """Return the files of the archive by path: `PROGRAMS` are to be executable.

    Raises:
        UsageError: a name is unknown, a rubric is wrong, or nothing says how the grader is installed.
    """
    settings = Settings(
        exercises=tuple(exercise.key for exercise in course.select(wanted.names)) if wanted.names else (),
        secret=secrets.token_hex(16),
        isolation=wanted.isolation,
        attempts=wanted.attempts,
        count_hidden=wanted.count_hidden,
        memory_mb=_memory(course, wanted),
    )
    templates = resources.files("grader.authoring.platforms") / "templates"
    constraints = course.root / CONSTRAINTS
    return {
        CONSTRAINTS: constraints.read_bytes() if constraints.is_file() else b"",
        **{name: (templates / name).read_bytes() for name in PROGRAMS},
        **needed(installation, "Gradescope").files,
        NAME: msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n",
        **below(FOLDER, private_files(course)),
    }


def _memory(course: Course, wanted: Wanted) -> int:
    """Return MiB that a worker may add: what fits into the default container, unless a model must be loaded, too."""
    return 1024 if any(exercise.on_model for exercise in course.select(wanted.names)) else 384
