"""Tells students what was graded: of hidden checks no more than title and outcome, and never an input or a value."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.export import ClassMarks, class_of
from grader.classroom.formats.csv import number
from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import State
from grader.classroom.repositories.forge import Report
from grader.errors import UsageError
from grader.report.formats.markdown import exercise_markdown, plain
from grader.report.hidden import without_hidden_details

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.classroom.marks import Mark, StudentMarks
    from grader.classroom.repositories.forge import Forge, Outcome
    from grader.classroom.repositories.manifest import Manifest
    from grader.course.model import Course


class Told(NamedTuple):
    """How many students were told something new, how many know already, and what went wrong, by student."""

    new: int
    known: int
    problems: dict[str, str]


def tell_class(forge: Forge, course: Course, gradebook: Path | str, manifest: Manifest) -> Told:
    """Write on the commit of each student that was fetched what it is worth.

    Raises:
        UsageError: the gradebook cannot be read.
    """
    new, known, problems = 0, 0, {}
    with closing(Gradebook.open(gradebook)) as book:
        marks = class_of(course, book)
    students = {each.record.student: each for each in marks.students}
    for each in manifest.repositories:
        student = students.get(each.student)
        if each.problem or student is None or not student.record.attempts:
            continue
        try:
            if forge.tell(each.repository, each.commit, report_of(marks, student)):
                new += 1
            else:
                known += 1
        except UsageError as error:  # of one repository: the others are told all the same
            problems[each.student] = str(error)
    return Told(new, known, problems)


def report_of(marks: ClassMarks, student: StudentMarks) -> Report:
    """Return what a student may read about all exercises of the gradebook."""
    total = marks.total_of(student)
    unread = [a.problem for a in student.record.attempts[-1:] if a.problem]
    title = "Not graded" if total is None else f"{number(total)} of {number(student.maximum)} points"
    lines = [*map(plain, unread), plain(marks.message_of(student))]
    lines += ["", "| exercise | points | |", "| --- | --- | --- |"]
    lines += [_row(marks, mark) for mark in student.marks.values()]
    for mark in student.marks.values():
        if mark.stored is not None and mark.override is None:
            lines.append(exercise_markdown(without_hidden_details(mark.stored.result)))
    lines.append("\n<sub>Hidden checks draw other inputs, which are not shown.</sub>")
    return Report(title, "\n".join(lines).strip(), _outcome(student, complete=total is not None))


def _row(marks: ClassMarks, mark: Mark) -> str:
    given = marks.points_of(mark)
    points = "open" if given is None else f"{number(given)} of {number(mark.maximum)}"
    return f"| {plain(mark.exercise[1])} | {points} | {plain(mark.lateness)} |"


def _outcome(student: StudentMarks, *, complete: bool) -> Outcome:
    states = {mark.state for mark in student.marks.values()}
    if not complete or State.BROKEN in states:
        return "neutral"
    full = all(mark.raw is not None and mark.raw >= mark.maximum for mark in student.marks.values())
    return "success" if full else "failure"


def sentences(told: Told) -> Iterator[str]:
    """Yield what became of telling, for whoever started it."""
    yield f"{told.new} told, {told.known} knew already."
    for student, problem in told.problems.items():
        yield f"{student}: {problem}"
