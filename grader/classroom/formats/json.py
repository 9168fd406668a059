"""Writes the marks of a class, and what they and all attempts are made of, as JSON (`schemas/class-2.schema.json`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grader.report.registry import Format
from grader.results import to_json

if TYPE_CHECKING:
    from decimal import Decimal

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import Mark, StudentMarks
    from grader.classroom.records import Attempt, Key, Stored

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
        "attempts": [_attempt(exported, attempt) for attempt in record.attempts],
        "marks": [_mark(exported, mark) for mark in student.marks.values()],
        "comments": [{**comment._asdict(), "exercise": "/".join(comment.exercise)} for comment in record.comments],
    }


def _attempt(exported: ClassMarks, attempt: Attempt) -> dict[str, Any]:
    results = [_result(key, attempt.results[key]) for key in exported.exercises if key in attempt.results]
    return {**attempt._asdict(), "members": list(attempt.members), "results": results}


def _result(exercise: Key, stored: Stored) -> dict[str, Any]:
    """Return what an attempt's result is, and is made of; the verdict itself is with the mark that it gives."""
    return {
        "exercise": "/".join(exercise),
        "outcome": stored.result.outcome.value,
        "points": stored.result.points,
        "max_points": stored.result.max_points,
        "written": stored.written,
        "code": dict(stored.code),
        **_made_of(stored),
    }


def _made_of(stored: Stored | None) -> dict[str, Any]:
    return {
        "made_of": dict(stored.made_of) if stored else {},
        "isolation": stored.isolation if stored else "",
        "graded_at": stored.graded_at if stored else None,
    }


def _mark(exported: ClassMarks, mark: Mark) -> dict[str, Any]:
    override = mark.override
    return {
        "exercise": "/".join(mark.exercise),
        "state": mark.state.value,
        "attempt": mark.attempt,
        "code_attempt": mark.code_attempt,
        "answer_attempt": mark.answer_attempt,
        "passed_over": list(mark.passed_over),
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
        **_made_of(mark.stored),
        "result": json.loads(to_json(mark.stored.result)) if mark.stored else None,
    }


def _number(points: Decimal | None) -> float | None:
    return None if points is None else float(points)


FORMAT = Format("json", marks_json)
