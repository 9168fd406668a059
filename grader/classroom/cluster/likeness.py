"""What has to be the same on every machine that grades a class, and what differs where it is not."""

from __future__ import annotations

import importlib.metadata
import sys
from typing import TYPE_CHECKING

from grader import faults, fingerprint
from grader.classroom.libraries import COMPUTING
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.course.model import Course

_LIBRARIES = (*COMPUTING, "dask", "distributed")


def likeness(course: Course, exercises: Sequence[str]) -> dict[str, str]:
    """Return what marks are made of here: Python, libraries, grader and exercises, in the order to compare them.

    Raises `UsageError` if an exercise is not in the course, or a file of it cannot be read.
    """
    with faults.reading():
        return {
            "Python": ".".join(map(str, sys.version_info[:2])),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
            "grader": f"{__version__} {fingerprint.of_tool()}",
            **{
                f"{exercise.key} ({part})": content
                for exercise in course.select(exercises)
                for part, content in fingerprint.parts_of_exercise(exercise).items()
                if part != "grader"
            },
        }


def difference(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Return the first thing in which another machine differs, and what to do about it; "" if nothing does.

    One is enough: where Python or the grader is another one, no exercise seems to be the same.
    """
    for name, wanted in ours.items():
        found = theirs.get(name, "")
        if found == wanted:
            continue
        if name == "grader":
            return "The grader is another version there: install the same one and start the worker again."
        if name in ("Python", *_LIBRARIES):
            return f"{name} is {found} there and {wanted} here: install the same and start the worker again."
        return f"{name} differs there: bring the course up to date and run the command again."
    return ""
