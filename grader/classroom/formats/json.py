"""Writes the marks of a class, and what each is made of, as JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grader.report.registry import Format
from grader.results import to_json

if TYPE_CHECKING:
    from decimal import Decimal

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import Mark, StudentMarks
    from grader.classroom.records import Attempt

SCHEMA = "grader.class/2"


def marks_json(exported: ClassMarks) -> str:
    """Return everything about the class as JSON: each student's attempts, marks, and what people decided."""
    students = [_student(exported, student) for student in exported.students]
    return json.dumps({"schema": SCHEMA, "course": exported.course.name, "students": students}, indent=2)


def _student(exported: ClassMarks, student: StudentMarks) -> dict[str, Any]:
    record = student.record
    return {
        "student": record.student,
        "name": record.name,
        "groups": list(record.groups),
        "score": _number(exported.raw_total_of(student)),
        "penalty": _number(student.penalty),
        "points": _number(exported.total_of(student)),
        "pending": _number(student.pending),
        "message": exported.message_of(student),
        "attempts": [_attempt(attempt) for attempt in record.attempts],
        "marks": [_mark(exported, mark) for mark in student.marks.values()],
        "comments": [{**comment._asdict(), "exercise": "/".join(comment.exercise)} for comment in record.comments],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {key: value for key, value in attempt._asdict().items() if key != "results"}


def _mark(exported: ClassMarks, mark: Mark) -> dict[str, Any]:
    override = mark.override
    return {
        "exercise": "/".join(mark.exercise),
        "state": mark.state.value,
        "attempt": mark.attempt,
        "score": _number(exported.raw_of(mark)),
        "by_hand": _number(mark.by_hand),
        "penalty": _number(mark.penalty),
        "points": _number(exported.points_of(mark)),
        "max_points": _number(exported.maximum_of(mark.exercise)),
        "pending": _number(mark.pending),
        "lateness": mark.lateness,
        "tokens": mark.tokens,
        "notes": list(mark.notes),
        "override": override and {**override._asdict(), "exercise": "/".join(override.exercise)},
        "criteria": [
            {**each._asdict(), "points": _number(each.points), "maximum": _number(each.maximum)}
            for each in mark.criteria
        ],
        "made_of": dict(mark.stored.made_of) if mark.stored else {},
        "isolation": mark.stored.isolation if mark.stored else "",
        "graded_at": mark.stored.graded_at if mark.stored else None,
        "result": json.loads(to_json(mark.stored.result)) if mark.stored else None,
    }


def _number(points: Decimal | None) -> float | None:
    return None if points is None else float(points)


FORMAT = Format("json", marks_json)
