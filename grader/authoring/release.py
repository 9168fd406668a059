"""Makes what students get of a course: an edition, a start page, and proof that it gives no answer away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader import edition, working_copy
from grader.authoring.leaks import leaks
from grader.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course import Course
    from grader.working_copy import Installation


def release(course: Course, target: Path, audience: str, installation: Installation | None = None) -> int:
    """Write a release to a folder that does not exist or is empty, and return how many files it has.

    `audience` is "course", for those who hand in, or "self-study", for those who may look at the solutions.
    `installation` is how they install the grader.

    Raises:
        UsageError: the folder holds something, a rubric is wrong, known mistakes are not recorded, or an answer would
            be given away.
    """
    working_copy.refuse_unless_empty(target)
    made = working_copy.files(course.name, edition.files(course, audience), audience, installation)
    with working_copy.in_place_of(target) as place:
        edition.write(place, made)
        if found := leaks(course, place, audience):
            first, *others = found
            more = f" ({len(others)} more like this)" if others else ""
            raise UsageError(f"{first.path} gives away {first.what} of {first.answer}: take it out.{more}")
    return len(made)
