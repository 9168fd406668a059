"""Writes a workbook for a spreadsheet: the marks, every number explained, and the policy that they follow."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from grader.classroom.explaining import lines_on
from grader.classroom.formats.csv import AFTER, neutral
from grader.course.rubric_reading import POLICY
from grader.distribution import requirement
from grader.errors import UsageError
from grader.faults import text_of
from grader.report.documents import Document
from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.classroom.export import ClassMarks

_LONGEST = 32_000  # characters; a cell takes 32,767
Cell = str | float | int | None


def workbook(exported: ClassMarks) -> Document:
    """Return the bytes of the workbook: points are numbers, and no text in it is a formula.

    Raises:
        UsageError: openpyxl, of the extra `report`, is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise UsageError(
            f"A workbook needs the extra `report`: pip install {requirement('report')}, or export csv."
        ) from error
    book = Workbook(write_only=True)
    for title, rows in (
        ("Marks", _marks(exported)),
        ("Explained", _explained(exported)),
        ("Policy", _policy(exported)),
    ):
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "C3" if title == "Marks" else "A2"
        sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 24
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return Document(file.getvalue())


def _marks(exported: ClassMarks) -> Iterator[list[Cell]]:
    exercises = exported.exercises
    possible = [_number(exported.maximum_of(key)) for key in exercises]
    everything = _number(sum((exported.maximum_of(key) for key in exercises), Decimal(0)))
    yield ["student", "name", *("/".join(key) for key in exercises), *AFTER]
    yield ["points possible", None, *possible, everything, None, everything, None, None]
    for student in exported.students:
        yield [
            student.record.student,
            student.record.name,
            *(_number(exported.raw_of(student.marks[key])) for key in exercises),
            _number(exported.raw_total_of(student)),
            _number(student.penalty),
            _number(exported.total_of(student)),
            _number(student.pending),
            exported.message_of(student),
        ]


def _explained(exported: ClassMarks) -> Iterator[list[Cell]]:
    yield ["student", "name", "exercise", "points", "of", "why"]
    for student in exported.students:
        for mark in student.marks.values():
            yield [
                student.record.student,
                student.record.name,
                "/".join(mark.exercise),
                _number(exported.points_of(mark)),
                _number(mark.maximum),
                " ".join(lines_on(mark)),
            ]


def _policy(exported: ClassMarks) -> Iterator[list[Cell]]:
    path = exported.course.root / "rubrics" / f"{POLICY}.toml"
    yield ["policy"]
    if not path.exists():
        yield ["There is no rubrics/policy.toml: nothing is ever due, and of several attempts the last one counts."]
        return
    for line in text_of(path).splitlines():
        yield [line]


def _cell(sheet: Any, value: Cell) -> Any:
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    text = ILLEGAL_CHARACTERS_RE.sub("", neutral(value))[:_LONGEST].encode("utf-8", "replace").decode()
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula, and #N/A for an error
    return cell


def _number(points: Decimal | None) -> float | None:
    return None if points is None else float(points)


FORMAT = Format("xlsx", workbook)
