"""Fills the gradebook that Canvas exported, so that Canvas imports marks of one assignment and changes nothing else.

What the file leaves out, Canvas leaves alone; what it holds, Canvas takes as it is, and an empty cell clears a grade.
So the file keeps the columns about students and the one assignment, and only the rows of students who get a number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.filling import matched, missing_sentence, nobody_found, read_table
from grader.classroom.outgoing import Outgoing
from grader.errors import UsageError
from grader.report.documents import Document
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.classroom.export import ClassMarks
    from grader.classroom.filling import Table

_WHAT = "gradebook"
_IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
_POSSIBLE = "Points Possible"
_ASSIGNMENT = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)
_NEVER_IMPORTED = re.compile(r"(?:Current|Final|Override) (?:Score|Points|Grade)", re.IGNORECASE)
_TEST_STUDENTS = ("student, test", "test student")


class _Assignment(NamedTuple):
    column: int
    title: str
    id: str


def fill_canvas(exported: ClassMarks) -> Document:
    """Return the file to import, and sentences on whose marks it does not hold, and why.

    Raises:
        UsageError: it is not a gradebook of Canvas, Canvas would not import the assignment, or it names nobody.
    """
    table = read_table(exported.wanted.fill, "Canvas", _WHAT)
    section = _section(table)
    assignment = _assignment(table, section, exported.wanted.assignment)
    first, possible = _first_student(table, assignment)
    outgoing = Outgoing(exported, "Canvas", table.number(possible) if possible is not None else None)
    columns = [
        {row: table.rows[row][at] for row in range(first, len(table.rows))}
        for at, heading in enumerate(table.rows[0][:section])
        if heading.strip() in _IDS or at == 0
    ]
    found = matched(exported.students, columns)
    if not found.rows:
        raise nobody_found(table, exported.students, _WHAT)
    left: dict[str, list[str]] = {}
    kept = []
    for at, row in enumerate(table.rows):
        student, present = row[: section + 1], row[assignment.column]
        if at < first:
            kept.append([*student, present])
            continue
        number = outgoing.number(found.rows[at]) if at in found.rows else None
        if (reason := _reason(row, present, known=at in found.rows)) or number is None:
            reason = reason or "no mark is decided"
            left.setdefault(reason, []).append(found.rows[at].record.label if at in found.rows else row[0])
        else:
            same = table.number(present) == number
            kept.append([*student, present if same else table.cell(number)])
    said = [*outgoing.said(), *missing_sentence(table, found.missing)]
    said += [
        f"Not in the file, so Canvas keeps what it has ({reason}): {', '.join(who)}." for reason, who in left.items()
    ]
    if possible is None:
        said.append(f"{table.path} has no line {_POSSIBLE}, so nobody knows whether Canvas has other maximum points.")
    return Document(table.written([row for row in kept if any(cell.strip() for cell in row)]), said)


def _section(table: Table) -> int:
    headings = table.rows[0]
    if "LastName" in headings[:2]:
        raise UsageError(
            f"{table.path} has first and last names apart, and Canvas does not import that: export the gradebook again "
            "without splitting names."
        )
    at = next((i for i, heading in enumerate(headings) if "Section" in heading and not _ASSIGNMENT.match(heading)), 0)
    if "Student" not in headings[0] or "ID" not in headings[1:2] or not at:
        raise UsageError(
            f"{table.path} is not a gradebook of Canvas, whose first line begins with Student, ID and has Section: "
            "export it there, with Canvas in English."
        )
    return at


def _assignment(table: Table, section: int, wanted: str) -> _Assignment:
    there = [
        _Assignment(at, named["title"], named["id"])
        for at, heading in enumerate(table.rows[0])
        if at > section and (named := _ASSIGNMENT.fullmatch(heading))
    ]
    asked = wanted.strip().casefold()
    shown = [each for each in there if not _NEVER_IMPORTED.search(each.title)]
    found = [each for each in there if asked == each.id] or [
        each for each in there if asked in (each.title.casefold(), f"{each.title} ({each.id})".casefold())
    ]
    if not asked and len(shown) == 1:
        found = shown
    if len(found) != 1:
        listed = "; ".join(f"{each.title} ({each.id})" for each in shown) or "none"
        what = f"{len(found)} assignments called {wanted}" if asked else "no word on the assignment"
        if asked and not found:
            what = f"no assignment {wanted}"
        raise UsageError(f"There is {what} in {table.path}: name one with --assignment TITLE_OR_ID, of {listed}.")
    never = _NEVER_IMPORTED.search(found[0].title)
    if never:
        raise UsageError(
            f"Canvas never imports a column whose heading contains `{never[0]}`: rename {found[0].title} in Canvas, "
            "and export the gradebook again."
        )
    return found[0]


def _first_student(table: Table, assignment: _Assignment) -> tuple[int, str | None]:
    """Return the row of the first student, and the cell with the assignment's maximum, None if there is none."""
    for at, row in enumerate(table.rows[1:4], start=1):
        if row[0].strip() == _POSSIBLE:
            possible = row[assignment.column]
            if "read only" in possible:
                raise UsageError(
                    f"Canvas does not import {assignment.title}, which is read only in {table.path}: open its grading "
                    "period, and export the gradebook again."
                )
            return at + 1, possible
    return (2 if len(table.rows) > 1 and not table.rows[1][0].strip() else 1), None


def _reason(row: list[str], present: str, *, known: bool) -> str:
    """Return why a student's grade is left alone, "" if there is no reason to."""
    if row[0].strip().casefold() in _TEST_STUDENTS:
        return "the test student"
    if present.strip().casefold() == "ex":
        return "excused in Canvas"
    if present.strip().casefold() == "n/a":
        return "not assigned to them, or hidden"
    return "" if known else "not in the gradebook"


FORMAT = Format("canvas", fill_canvas, takes=("fill", "assignment", "points"))
