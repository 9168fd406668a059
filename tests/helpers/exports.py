"""Marks that can be exported: of a course in which lateness costs points, and for a gradebook of Canvas."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from grader.classroom.policy_file import load_policy
from grader.course.finding import find_course
from helpers.course_factory import make_course, write_files
from helpers.fake_platforms import Canvas, CanvasUser
from helpers.marked_class import Pupil, marked_class

if TYPE_CHECKING:
    from pathlib import Path

    from grader.classroom.export import ClassMarks
    from grader.course.model import Course

LATE = "2026-11-21T10:00:00+00:00"
POLICY = (
    'schema = "grader.policy/1"\ntime_zone = "UTC"\n[defaults]\ndue = 2026-11-20T12:00:00\n'
    'percent = 10\nof = "maximum"\n'
)


def course_with_policy(root: Path) -> Course:
    """Write a course with two exercises, in which lateness costs points."""
    make_course(root, ["numbers/double", "numbers/twofold"])
    write_files(root, {"rubrics/policy.toml": POLICY})
    return find_course(root)


def of(course: Course, *pupils: Pupil, worth: float = 10.0) -> ClassMarks:
    return marked_class(course, pupils, load_policy(course), worth)


def canvas(*users: tuple[str, str], grade: Decimal | str | None = None, **options: object) -> Canvas:
    people = [CanvasUser(id_, name, f"login-{id_}") for id_, name in users]
    grades: dict[str, dict[str, Decimal | str | None]] = {
        "Week 1 (9001)": {each.id: grade for each in people},
        "Week 2 (9002)": {each.id: Decimal(5) for each in people},
    }
    options.setdefault("possible", {"Week 1 (9001)": "10.00", "Week 2 (9002)": "5.00"})
    return Canvas(people, grades, **options)  # type: ignore[arg-type]
