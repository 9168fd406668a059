"""Makes tables of a gradebook: marks for a spreadsheet, everything for programs."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from grader.results import Outcome, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.gradebook import StudentRecord
    from grader.course import Course

SCHEMA = "grader.class/1"
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
BROKEN = "The grader broke on a part of this hand-in: grade it again."


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


def marks_csv(course: Course, records: Sequence[StudentRecord]) -> str:
    """Return one line a student: name, total, points of every exercise, message.

    The second line, "points possible", says what each column is worth. An empty cell is a mark that is not decided.
    Texts that a spreadsheet would run as a formula begin with an apostrophe.
    """
    exercises = columns(course, records)
    worth = {key: result.max_points for record in records for key, result in record.results.items()}
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["student", "total", *("/".join(exercise) for exercise in exercises), "message"])
    table.writerow(["points possible", _number(sum(worth.values())), *(_number(worth[e]) for e in exercises), ""])
    for record in records:
        points = [_number(points_of(record, exercise)) for exercise in exercises]
        total = _number(total_of(record, exercises))
        table.writerow([neutral(record.student), total, *points, neutral(message_of(record))])
    return file.getvalue().rstrip("\n")


def records_json(course: Course, records: Sequence[StudentRecord]) -> str:
    """Return everything about the class as JSON: each student's hand-in, message, points and results."""
    exercises = columns(course, records)
    students = [
        {
            "student": record.student,
            "handin": record.handin,
            "sha256": record.sha256,
            "message": message_of(record),
            "points": total_of(record, exercises),
            "exercises": [json.loads(to_json(result)) for result in record.results.values()],
        }
        for record in records
    ]
    return json.dumps({"schema": SCHEMA, "course": course.name, "students": students}, indent=2)


def neutral(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    plain = " ".join(text.split())
    return f"'{plain}" if plain.startswith(_RUN_BY_SPREADSHEETS) or text.startswith(_RUN_BY_SPREADSHEETS) else plain


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
