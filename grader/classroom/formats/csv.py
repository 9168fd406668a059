"""Writes the marks of a class as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from grader.report.registry import Format

if TYPE_CHECKING:
    from decimal import Decimal

    from grader.classroom.export import ClassMarks

_STUDENT, _POSSIBLE = "student", "points possible"  # how the two lines above the students begin
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
AFTER = ("score", "penalty", "total", "pending", "message")  # the columns that follow those of the exercises


def marks_csv(exported: ClassMarks) -> str:
    """Return one line a student: key, name, score of every exercise, then their sum, the penalty, and the total.

    The second line, "points possible", says what each column is worth. A score is what checks and people gave; what
    lateness takes off stands in "penalty" alone. An empty cell is a mark that is not decided; "pending" are points that
    a person, or a real model, has still to give. Texts that a spreadsheet would run as a formula begin with an
    apostrophe.
    """
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerows(rows(exported))
    return file.getvalue().rstrip("\n")


def rows(exported: ClassMarks) -> list[list[str]]:
    """Return the cells of the table: its headings, what each column is worth, and a line for every student."""
    exercises = exported.exercises
    worth = {key: exported.maximum_of(key) for key in exercises}
    possible = number(sum(worth.values())) if worth else "0"
    found = [
        [_STUDENT, "name", *("/".join(exercise) for exercise in exercises), *AFTER],
        [_POSSIBLE, "", *(number(worth[key]) for key in exercises), possible, "", possible, "", ""],
    ]
    for student in exported.students:
        found.append(
            [
                _no_heading(neutral(student.record.student)),
                neutral(student.record.name),
                *(number(exported.raw_of(student.marks[key])) for key in exercises),
                number(exported.raw_total_of(student)),
                number(student.penalty),
                number(exported.total_of(student)),
                number(student.pending),
                neutral(exported.message_of(student)),
            ]
        )
    return found


def neutral(text: str) -> str:
    """Return a text as a cell that spreadsheets do not take for a formula."""
    plain = " ".join(text.split())
    return f"'{plain}" if plain.startswith(_RUN_BY_SPREADSHEETS) or text.startswith(_RUN_BY_SPREADSHEETS) else plain


def _no_heading(student: str) -> str:
    """Return a student's name so that their line is not taken for one of the two that say what columns are."""
    return f"'{student}" if student.casefold() in (_STUDENT, _POSSIBLE) else student


def number(value: Decimal | int | None) -> str:
    """Return points without separators of thousands and without zeros at the end, "" for none."""
    if value is None:
        return ""
    shown = f"{value:f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) or "0"


FORMAT = Format("csv", marks_csv)
