"""Fills the grading worksheet that Moodle gave, in whatever language: grades, and nothing that erases a comment.

Only rows that get a grade are in the file. Moodle leaves the others alone, comments included: an empty one in the file
would erase what is there.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.filling import matched, missing_sentence, nobody_found, read_table
from grader.classroom.formats.csv import number
from grader.classroom.outgoing import Outgoing
from grader.errors import UsageError
from grader.report.documents import Document
from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from grader.classroom.export import ClassMarks
    from grader.classroom.filling import Table
    from grader.classroom.marks import StudentMarks

_WHAT = "grading worksheet"
_ENGLISH = "%A, %d %B %Y, %I:%M %p"
_DATED = re.compile(r"-|.*(?<!\d)\d{4}(?!\d).*\d.*", re.DOTALL)
_LOCKED = {"no", "nein", "non", "nee", "nej", "nei", "não", "nie", "ne", "нет", "ні", "いいえ", "否", "아니요"}
_STALE = "Allow updating records that have been modified more recently in Moodle than in the spreadsheet"


class _Columns(NamedTuple):
    """Where the columns stand that matter; `comment` is None if the worksheet has none."""

    grade: int
    maximum: int
    changeable: int | None
    graded_at: int
    comment: int | None


def fill_moodle(exported: ClassMarks) -> Document:
    """Return the worksheet to upload, and sentences on whose grades it does not hold, and what Moodle would skip.

    Raises:
        UsageError: it is not a grading worksheet, is graded on a scale, or names nobody of the gradebook.
    """
    table = read_table(exported.wanted.fill, "Moodle", _WHAT)
    columns = _columns(table)
    maximum = table.number(table.rows[1][columns.maximum])
    outgoing = Outgoing(exported, "Moodle", maximum)
    found = matched(exported.students, _identities(table, columns))
    if not found.rows:
        raise nobody_found(table, exported.students, _WHAT)
    kept, stale, locked, undecided, above = [table.rows[0]], [], [], [], []
    for at, row in sorted((at, table.rows[at]) for at in found.rows):
        student = found.rows[at]
        points = outgoing.number(student)
        if points is None:
            undecided.append(student)
        elif columns.changeable is not None and row[columns.changeable].strip().casefold() in _LOCKED:
            locked.append(student)
        else:
            if maximum is not None and points > maximum:
                above.append(student)
                points = maximum
            if _is_stale(row, columns):
                stale.append(student)
            kept.append(_filled(table, row, columns, points, student, outgoing))
    said = outgoing.said() + [
        f"{what}: {', '.join(student.record.label for student in who)}."
        for who, what in (
            (undecided, "Without a decided mark, and so not in the file, where Moodle keeps what it has"),
            (locked, "With a grade that Moodle does not let anybody change, and so not in the file"),
            (above, f"With more than {number(maximum)}, which Moodle would skip without a word, and so at the maximum"),
            (
                stale,
                "With a grade already whose date Moodle cannot read, so that it skips them without a word unless you "
                f'tick "{_STALE}" when you upload the worksheet',
            ),
        )
        if who
    ]
    return Document(table.written(kept), [*said, *missing_sentence(table, found.missing)])


def _filled(
    table: Table, row: Sequence[str], columns: _Columns, points: Decimal, student: StudentMarks, outgoing: Outgoing
) -> list[str]:
    filled = list(row)
    if table.number(row[columns.grade]) != points:
        filled[columns.grade] = table.cell(points)
    if columns.comment is not None and not row[columns.comment].strip() and student.penalty:
        filled[columns.comment] = outgoing.lateness(student, points)
    return filled


def _columns(table: Table) -> _Columns:
    """Find the columns by their order, which is the same in every language, and by what their cells look like."""
    width = len(table.rows[0])
    students = table.rows[1:]
    maximum = max((at for at in range(2, width) if _is_maximum(table, students, at)), default=None)
    numbered = all(re.search(r"\d$", row[0].strip()) for row in students)
    dated = [
        at
        for at in range((maximum or 0) + 1, width)
        if all(row[at].strip() and _DATED.fullmatch(row[at].strip()) for row in students)
    ]
    if not students or maximum is None or not numbered or not dated:
        raise UsageError(
            f"{table.path} is not a grading worksheet of Moodle that is graded by points: download it from the "
            "assignment as it is. One that is graded on a scale cannot be filled."
        )
    last = dated[-1]
    changeable = next((at - 1 for at in dated[:1] if at - 1 > maximum), None)
    return _Columns(maximum - 1, maximum, changeable, last, last + 1 if last + 1 < width else None)


def _is_maximum(table: Table, rows: Sequence[Sequence[str]], at: int) -> bool:
    """Tell the column of the maximum grade: one number for all, and before it grades up to that, or none yet."""
    found = {table.number(row[at]) for row in rows}
    maximum = next(iter(found)) if len(found) == 1 else None
    if maximum is None or maximum <= 0:
        return False
    grades = [(row[at - 1].strip(), table.number(row[at - 1])) for row in rows]
    return all(not cell or (grade is not None and 0 <= grade <= maximum) for cell, grade in grades)


def _identities(table: Table, columns: _Columns) -> list[dict[int, str]]:
    """Return the columns that say who people are; of the first one, the digits at the end."""
    students = list(enumerate(table.rows))[1:]
    numbers = {at: re.findall(r"\d+$", row[0].strip())[0] for at, row in students}
    return [numbers, *({at: row[column] for at, row in students} for column in range(1, columns.grade))]


def _is_stale(row: Sequence[str], columns: _Columns) -> bool:
    """Tell whether Moodle takes the grade that is there for newer than the worksheet, as it cannot read the date."""
    cell = row[columns.graded_at].strip()
    try:
        datetime.strptime(cell, _ENGLISH)
    except ValueError:
        return bool(row[columns.grade].strip()) or cell not in ("", "-")
    return False


FORMAT = Format("moodle", fill_moodle, takes=("fill", "points"))
