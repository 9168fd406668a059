"""Writes what research may use: how everybody came to their marks, and nothing that says who anybody is."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from grader.classroom.local_time import handed_in
from grader.report.documents import Document
from grader.report.registry import Format
from grader.sandbox.outside.server import Isolation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import Mark, StudentMarks
    from grader.classroom.records import Attempt, Stored
    from grader.results import CheckResult

SCHEMA = "grader.research/1"
_LIBRARIES = re.compile(r"[a-z][a-z0-9_-]* [0-9][0-9a-z.+]*(?:, [a-z][a-z0-9_-]* [0-9][0-9a-z.+]*)*")
_SECONDS_A_DAY = 86_400


def research_json(exported: ClassMarks) -> Document:
    """Return JSON with a drawn id for each student, in a drawn order, anew each time: nothing leads from it to a key.

    Of an attempt it has the day since the first hand-in of the class, and by exercise points, outcomes of checks and
    known mistakes; never a text that a student or a marker wrote, a name of a file, a hash or a date.
    """
    students = list(exported.students)
    secrets.SystemRandom().shuffle(students)
    moments = (_moment(exported, attempt) for student in students for attempt in student.record.attempts)
    first = min((moment for moment in moments if moment is not None), default=None)
    document = {
        "schema": SCHEMA,
        "course": exported.course.name,
        "exercises": [
            {"exercise": "/".join(key), "max_points": float(exported.maximum_of(key))} for key in exported.exercises
        ],
        "students": [_student(exported, student, first) for student in students],
    }
    said = (
        "Names, keys, dates, code and texts are not in it. Whoever knows how many points and attempts somebody had may "
        "still recognise them: do not publish single rows of a small class.",
    )
    return Document((json.dumps(document, indent=1) + "\n").encode(), said)


def _student(exported: ClassMarks, student: StudentMarks, first: datetime | None) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(8),
        "attempts": [_attempt(exported, attempt, first) for attempt in student.record.attempts],
        "marks": [_mark(exported, mark) for mark in student.marks.values()],
    }


def _attempt(exported: ClassMarks, attempt: Attempt, first: datetime | None) -> dict[str, Any]:
    moment = _moment(exported, attempt)
    return {
        "number": attempt.number,
        "day": None if moment is None or first is None else int((moment - first).total_seconds() // _SECONDS_A_DAY),
        "late": attempt.late,
        "readable": not attempt.problem,
        "results": [
            _result("/".join(key), attempt.results[key]) for key in exported.exercises if key in attempt.results
        ],
    }


def _result(exercise: str, stored: Stored) -> dict[str, Any]:
    result = stored.result
    libraries = stored.made_of.get("libraries", "")
    return {
        "exercise": exercise,
        "written": stored.written,
        "outcome": result.outcome.value,
        "points": result.points,
        "checks": {check.name: check.outcome.value for check in result.checks},
        "mistakes": _mistakes(result.checks),
        "isolation": stored.isolation if stored.isolation in set(Isolation) else None,
        "libraries": libraries if _LIBRARIES.fullmatch(libraries) else None,
    }


def _mistakes(checks: Iterable[CheckResult]) -> list[str]:
    return sorted({diagnosis.variant for check in checks for diagnosis in check.diagnosis})


def _mark(exported: ClassMarks, mark: Mark) -> dict[str, Any]:
    points = exported.points_of(mark)
    return {
        "exercise": "/".join(mark.exercise),
        "state": mark.state.value,
        "attempt": mark.attempt,
        "points": None if points is None else float(points),
        "penalty": float(mark.penalty),
        "by_hand": float(mark.by_hand),
        "pending": float(mark.pending),
    }


def _moment(exported: ClassMarks, attempt: Attempt) -> datetime | None:
    return handed_in(attempt.submitted_at, exported.policy.zone)


FORMAT = Format("anonymous", research_json)
