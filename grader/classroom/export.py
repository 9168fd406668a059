"""Reads what is exported of a gradebook: who handed in what, and the marks that each exercise has got."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.classroom.gradebook import StudentRecord
    from grader.course.model import Course

BROKEN = "The grader broke on a part of this hand-in: grade it again."


class ClassRecords(NamedTuple):
    """A course, and everything that a gradebook knows about its students."""

    course: Course
    records: Sequence[StudentRecord]


def read_class(course: Course, gradebook: Path) -> ClassRecords:
    """Read a gradebook; raise `UsageError` if there is none or it cannot be read."""
    from grader.classroom.gradebook import Gradebook

    with closing(Gradebook.open(gradebook)) as book:
        return ClassRecords(course, book.records())


def columns(course: Course, records: Sequence[StudentRecord]) -> list[tuple[str, str]]:
    """Return the exercises, as (lesson, name), that anybody has a result of, in the course's order."""
    order = {(exercise.lesson, exercise.name): index for index, exercise in enumerate(course.exercises)}
    found = {key for record in records for key in record.results}
    return sorted(found, key=lambda key: (order.get(key, len(order)), key))


def points_of(record: StudentRecord, exercise: tuple[str, str]) -> float | None:
    """Return a student's points for an exercise: 0 without a hand-in that could be graded, None if undecided."""
    if record.problem:
        return 0.0
    result = record.results.get(exercise)
    return None if result is None or result.outcome is Outcome.ERROR else result.points


def total_of(record: StudentRecord, exercises: Sequence[tuple[str, str]]) -> float | None:
    """Return a student's points for all of the exercises, None if one of them is undecided."""
    points = [points_of(record, exercise) for exercise in exercises]
    return None if None in points else sum(filter(None, points))


def message_of(record: StudentRecord) -> str:
    """Return what there is to say about a hand-in beside its marks."""
    if record.problem:
        return record.problem
    return BROKEN if any(result.outcome is Outcome.ERROR for result in record.results.values()) else ""
