"""Fills a table that a platform exported, so that it can be imported again: its form stays as it is."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from grader.errors import UsageError
from grader.faults import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from grader.classroom.marks import StudentMarks

_TWO_DECIMALS = re.compile(r"-?\d[\d.,'\s]*([.,])\d\d")


@dataclass(frozen=True)
class Table:
    """A table with its headings first, and how it is written: its separators and its line ends."""

    path: Path
    rows: list[list[str]]
    delimiter: str
    line_end: str
    decimal: str

    def cell(self, points: Decimal) -> str:
        """Return points with two decimals as this table writes them, and without separators of thousands."""
        return f"{points:.2f}".replace(".", self.decimal)

    def number(self, cell: str) -> Decimal | None:
        """Return the number in a cell, None if there is none; the last separator is the decimal one."""
        plain = re.sub(r"['\s]", "", cell)
        whole, separator, decimals = re.sub(r"[.,](?=.*[.,])", "", plain).replace(",", ".").partition(".")
        try:
            found = Decimal(f"{whole}{separator}{decimals}")
        except InvalidOperation:
            return None
        return found if found.is_finite() else None

    def written(self, rows: Sequence[Sequence[str]]) -> bytes:
        """Return rows as the bytes of such a table, in UTF-8 without a mark in front."""
        file = io.StringIO()
        csv.writer(file, delimiter=self.delimiter, lineterminator=self.line_end).writerows(rows)
        return file.getvalue().encode("utf-8", "surrogatepass")


def read_table(path: Path | None, platform: str, what: str) -> Table:
    """Read the table that a platform exported, every row as long as the first; `what` is what people call it there.

    Raises:
        UsageError: there is none, it is not a table in UTF-8, or a row is longer than the first.
    """
    if path is None:
        raise UsageError(f"{platform} takes back only what it has exported: name its {what} with --fill FILE.")
    text = text_of(path, newline="").removeprefix("\ufeff")
    try:
        delimiter, rows = max(((each, _rows(text, each)) for each in ",;\t"), key=lambda read: _likely(read[1]))
    except csv.Error as error:
        raise UsageError(f"{path} is not a CSV file ({error}): give the {what} as {platform} exports it.") from error
    if not rows:
        raise UsageError(f"{path} is empty: give the {what} as {platform} exports it.")
    width = len(rows[0])
    for at, row in enumerate(rows, start=1):
        if any(row[width:]):
            raise UsageError(f"{path} has more cells in row {at} than headings: export the {what} again.")
    rows = [[*row[:width], *[""] * (width - len(row))] for row in rows]
    line_end = "\r\n" if "\r\n" in text else "\n"
    separators = [found[1] for row in rows for cell in row if (found := _TWO_DECIMALS.fullmatch(cell.strip()))]
    commas = separators.count(",") * 2 > len(separators) if separators else delimiter == ";"
    return Table(path, rows, delimiter, line_end, "," if commas else ".")


def _rows(text: str, delimiter: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]


def _likely(rows: Sequence[Sequence[str]]) -> tuple[bool, int]:
    """Say how likely a separator is by the rows that it makes: all of one length, then as long as can be."""
    lengths = {len(row) for row in rows}
    return lengths != {1} and len(lengths) == 1, max(lengths, default=0)


class Matched(NamedTuple):
    """Whose row each is, by its place in the table, and the students who have none."""

    rows: Mapping[int, StudentMarks]
    missing: Sequence[StudentMarks]


def matched(students: Sequence[StudentMarks], columns: Sequence[Mapping[int, str]]) -> Matched:
    """Tell whose row each is; a column has the cells of some rows, by place, and says who people are.

    All keys of a gradebook come from one column of a platform's table, so the column that knows most students goes
    first: a login of one student may be the number of another. Rows that have nothing there are known by the next.
    """
    keys = {_folded(student.record.student): student for student in students}
    known = [_unique(column) for column in columns]
    order = sorted(range(len(columns)), key=lambda at: -len(known[at].keys() & keys.keys()))
    rows: dict[int, StudentMarks] = {}
    taken: set[str] = set()
    for place, at in enumerate(order):
        better = [columns[earlier] for earlier in order[:place]]
        for key in known[at].keys() & keys.keys() - taken:
            row = known[at][key]
            if row not in rows and not any(column.get(row, "").strip() for column in better):
                rows[row] = keys[key]
                taken.add(key)
    return Matched(rows, [student for key, student in keys.items() if key not in taken])


def nobody_found(table: Table, students: Sequence[StudentMarks], what: str) -> UsageError:
    """Return what is said where the table seems to be of another class."""
    example = students[0].record.student if students else ""
    return UsageError(
        f"{table.path} names none of the {len(students)} students of the gradebook, whose keys are like `{example}`: "
        f"give the {what} of the same assignment."
    )


def missing_sentence(table: Table, missing: Sequence[StudentMarks]) -> list[str]:
    """Return a sentence on students who are not in the table, nothing if there are none."""
    if not missing:
        return []
    listed = ", ".join(student.record.label for student in missing)
    return [f"These students are in the gradebook and not in {table.path}, so their marks do not go out: {listed}."]


def _unique(column: Mapping[int, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    twice = set()
    for row, cell in column.items():
        key = _folded(cell)
        if key in found:
            twice.add(key)
        found[key] = row
    return {key: row for key, row in found.items() if key and key not in twice}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()
