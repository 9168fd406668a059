"""Writes a `result.json` for each student, as autograders of Classroom 50 do, whose scores are whole numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grader.classroom.file_names import file_names
from grader.classroom.local_time import handed_in
from grader.classroom.outgoing import Outgoing, rounded
from grader.classroom.student_results import parts_of, state_of
from grader.errors import UsageError
from grader.report.documents import File, Files
from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import StudentMarks

SCHEMA = "classroom50/result/v1"


def result_json(exported: ClassMarks) -> Files:
    """Return `STUDENT/result.json` for everybody whose mark is decided.

    Raises:
        UsageError: `--assignment` does not say which classroom and which assignment it is.
    """
    classroom, slash, assignment = exported.wanted.assignment.partition("/")
    if not (classroom and slash and assignment):
        raise UsageError("Classroom 50 wants to know whose result it is: add --assignment CLASSROOM/ASSIGNMENT.")
    outgoing = Outgoing(exported, "Classroom 50")
    factor = _factor(outgoing)
    said = [*outgoing.said(), *outgoing.undecided()]
    if factor > 1:
        said.insert(0, f"Scores are whole numbers there, so all points and maximum points are multiplied by {factor}.")
    said.append("`submission`, `commit`, `release` and `review` are empty: a gradebook does not have them.")
    return Files(_files(exported, outgoing), said)


def _factor(outgoing: Outgoing) -> int:
    """Return what points are multiplied by, as scores are whole numbers there."""
    return int(10**outgoing.places)


def _files(exported: ClassMarks, outgoing: Outgoing) -> Iterator[File]:
    names = file_names(student.record.student for student in exported.students)
    for student in exported.students:
        if outgoing.number(student) is not None:
            results = result_of(exported, student)
            yield File(f"{names[student.record.student]}/result.json", json.dumps(results, indent=2).encode())


def result_of(exported: ClassMarks, student: StudentMarks) -> dict[str, Any]:
    """Return what Classroom 50 reads of a student whose marks are all decided."""
    outgoing = Outgoing(exported, "Classroom 50")
    score, factor = outgoing.number(student), _factor(outgoing)
    assert score is not None
    classroom, _, assignment = exported.wanted.assignment.partition("/")
    return {
        "schema": SCHEMA,
        "classroom": classroom,
        "assignment": assignment,
        "submission": "",
        "commit": "",
        "release": "",
        "review": "",
        "datetime": _latest(student),
        "score": _whole(score, factor),
        "max-score": _whole(outgoing.maximum, factor),
        "tests": [
            {
                "test-name": part.name,
                "passed": part.full,
                "score": _whole(part.points, factor),
                "max-score": _whole(part.maximum, factor),
                "output": "\n".join(part.lines),
            }
            for part in parts_of(student)
            if part.points is not None
        ],
        "grader": {"factor": factor, "marks": [state_of(mark) for mark in student.marks.values()]},
    }


def _whole(points: Decimal, factor: int) -> int:
    return int(rounded(points * factor, 0))


def _latest(student: StudentMarks) -> str:
    """Return when the latest attempt that counts came, in UTC, "" if nobody knows."""
    counts = {mark.attempt for mark in student.marks.values()}
    attempts = (each for each in student.record.attempts if each.number in counts)
    moments = (handed_in(each.submitted_at, student.policy.zone) for each in attempts)
    latest = max(filter(None, moments), default=None)
    return f"{latest:%Y-%m-%dT%H:%M:%SZ}" if latest else ""


FORMAT = Format("classroom50", result_json, several=True, takes=("assignment", "points"))
