"""Writes everything that a gradebook holds as JSON, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from grader.classroom.export import columns, message_of
from grader.report.registry import Format
from grader.results import to_json

if TYPE_CHECKING:
    from grader.classroom.export import ClassRecords

SCHEMA = "grader.class/1"


def records_json(exported: ClassRecords) -> str:
    """Return everything about the class as JSON: each student's hand-in, message, points and results."""
    course, records, _ = exported
    exercises = columns(course, records)
    students = [
        {
            "student": record.student,
            "name": record.name,
            "status": record.status,
            "submitted_at": record.submitted_at,
            "late": record.late,
            "handin": record.handin,
            "sha256": record.sha256,
            "message": message_of(record),
            "points": exported.total_of(record, exercises),
            "exercises": [json.loads(to_json(result)) for result in record.results.values()],
        }
        for record in records
    ]
    return json.dumps({"schema": SCHEMA, "course": course.name, "students": students}, indent=2)


FORMAT = Format("json", records_json)
