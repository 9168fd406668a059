"""An autograder for Classroom 50, which publishes it: it has nothing that students do not get anyway."""

from __future__ import annotations

import secrets
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader import edition
from grader.authoring.platforms.private_course import FOLDER, below, needed
from grader.authoring.release import refuse_leaks
from grader.classroom.autograders.settings import NAME, Settings
from grader.installing import CONSTRAINTS

if TYPE_CHECKING:
    from grader.authoring.platforms.wanted import Wanted
    from grader.course.model import Course
    from grader.working_copy import Installation


def files(course: Course, wanted: Wanted, installation: Installation | None) -> dict[str, bytes]:
    """Return the files of the folder `CLASSROOM/autograders/ASSIGNMENT` by path.

    Raises:
        UsageError: a name is unknown, a rubric is wrong, an answer would be given away, or nothing says how the grader
            is installed.
    """
    public = edition.files(course, edition.COURSE)
    with tempfile.TemporaryDirectory() as place:
        edition.write(Path(place), public)
        refuse_leaks(course, Path(place))
    settings = Settings(
        exercises=tuple(exercise.key for exercise in course.select(wanted.names)) if wanted.names else (),
        secret=secrets.token_hex(16),
        isolation=wanted.isolation,
    )
    templates = resources.files("grader.authoring.platforms") / "templates"
    return {
        CONSTRAINTS: public.get(CONSTRAINTS, b""),
        **needed(installation, "Classroom 50").files,
        "autograder.py": (templates / "classroom50_autograder.py").read_bytes(),
        NAME: msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n",
        **below(FOLDER, public),
    }
