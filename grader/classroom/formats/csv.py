"""Writes the marks of a class as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from grader.classroom.export import columns, message_of
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.classroom.export import ClassRecords

_STUDENT, _POSSIBLE = "student", "points possible"  # how the two lines above the students begin
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


def marks_csv(exported: ClassRecords) -> str:
    """Return one line a student: key, name, total, points of every exercise, message.

    The second line, "points possible", says what each column is worth. An empty cell is a mark that is not decided.
    Texts that a spreadsheet would run as a formula begin with an apostrophe.
    """
    course, records, _ = exported
    exercises = columns(course, records)
    worth = {key: result.max_points for record in records for key, result in record.results.items()}
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow([_STUDENT, "name", "total", *("/".join(exercise) for exercise in exercises), "message"])
    table.writerow([_POSSIBLE, "", _number(sum(worth.values())), *(_number(worth[e]) for e in exercises), ""])
    for record in records:
        points = [_number(exported.points_of(record, exercise)) for exercise in exercises]
        total = _number(exported.total_of(record, exercises))
        table.writerow(
            [_no_heading(neutral(record.student)), neutral(record.name), total, *points, neutral(message_of(record))]
        )
    return file.getvalue().rstrip("\n")


def neutral(text: str) -> str:
    """Return a text as a cell that spreadsheets do not take for a formula."""
    plain = " ".join(text.split())
    return f"'{plain}" if plain.startswith(_RUN_BY_SPREADSHEETS) or text.startswith(_RUN_BY_SPREADSHEETS) else plain


def _no_heading(student: str) -> str:
    """Return a student's name so that their line is not taken for one of the two that say what columns are."""
    return f"'{student}" if student.casefold() in (_STUDENT, _POSSIBLE) else student


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


FORMAT = Format("csv", marks_csv)
