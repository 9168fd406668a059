"""Writes marks as `nbgrader export` does, for scripts that read that: an exercise is an assignment."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC
from typing import TYPE_CHECKING

from grader.classroom.formats.csv import neutral, number
from grader.classroom.local_time import handed_in
from grader.classroom.marks import State
from grader.classroom.policy import Student
from grader.classroom.rows import EPOCH
from grader.report.documents import Document
from grader.report.registry import Format

if TYPE_CHECKING:
    from datetime import datetime

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import Mark, StudentMarks

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def marks_nbgrader(exported: ClassMarks) -> Document:
    """Return a line for each student and exercise whose mark is decided, raw score and penalty apart.

    There, 0 without a timestamp says that nothing was handed in, so a mark that is held back must not appear at all. No
    name holds a comma: nbgrader quotes nothing, and its readers split lines there.
    """
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    held = []
    for student in exported.students:
        for mark in student.marks.values():
            if exported.points_of(mark) is None:
                held.append(f"{student.record.label} ({mark.exercise[1]})")
            else:
                table.writerow(_row(exported, student, mark))
    said = [f"{len(held)} marks are not decided, and have no line: {', '.join(held)}."] if held else []
    return Document(file.getvalue().encode("utf-8", "replace"), said)


def _row(exported: ClassMarks, student: StudentMarks, mark: Mark) -> list[str]:
    record = student.record
    last, first = _names(record.name if record.name != record.student else "")
    penalty = mark.penalty if mark.state is State.DECIDED else mark.penalty * 0
    due = exported.policy.deadline(Student(record.student, tuple(record.groups)), *mark.exercise).due
    return [
        f"{mark.exercise[0]}-{mark.exercise[1]}",
        _in_utc(due),
        _in_utc(_when(student, mark)),
        neutral(record.student),
        last,
        first,
        record.student if re.fullmatch(r"[^@\s,=+-][^@\s,]*@[^@\s,]+", record.student) else "",
        number(exported.raw_of(mark)),
        number(-penalty),
        number(exported.points_of(mark)),
        number(mark.maximum),
    ]


def _names(name: str) -> tuple[str, str]:
    """Return last and first name, of "Alpha, Ada" as of "Ada Alpha"."""
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.strip().rpartition(" ")
    return tuple(neutral(re.sub(r'[,"\n]+', " ", each)) for each in (last, first))  # type: ignore[return-value]


def _when(student: StudentMarks, mark: Mark) -> datetime | None:
    """Return when the attempt that counts came or, if nobody knows, was first graded; None if nothing came."""
    attempt = next((each for each in student.record.attempts if each.number == mark.attempt), None)
    if attempt is None:
        return None
    zone = student.policy.zone
    return handed_in(attempt.submitted_at, zone) or handed_in(attempt.received_at or EPOCH, zone)


def _in_utc(moment: datetime | None) -> str:
    """Return a time as nbgrader writes it: in UTC, without saying so."""
    if moment is None:
        return ""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


FORMAT = Format("nbgrader", marks_nbgrader)
