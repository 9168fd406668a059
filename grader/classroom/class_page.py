"""Draws the page on a class: all marks, who holds which misconception, what has no name, and what came when."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from grader.classroom.class_statistics import by_frequency, distribution, exercise_rows, open_word, progress
from grader.classroom.export import Counted
from grader.classroom.formats.csv import number
from grader.classroom.marks import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.class_statistics import ExerciseRow, Group
    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import StudentMarks

_TEMPLATES = Path(__file__).parent / "templates"


def class_page(exported: ClassMarks) -> str:
    """Return the page as HTML that needs no other file; what students wrote appears as text, never as markup.

    Its one script sorts and searches, and the page says all without it.
    """
    rows = exercise_rows(exported)
    script = (_TEMPLATES / "class_page.js").read_text(encoding="utf-8")
    return page_environment().get_template("class_page.html.jinja").render(
        course=exported.course.name,
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        students=_students(exported, rows),
        names=[student.record.label for student in exported.students],
        exercises=exported.exercises,
        worth=sum((exported.maximum_of(key) for key in exported.exercises), start=0),
        sentences=sentences(exported),
        bars=distribution(exported),
        rows=rows,
        misconceptions=by_frequency([group for row in rows for group in row.misconceptions]),
        unnamed=by_frequency([group for row in rows for group in row.unnamed]),
        nameless=len({student for row in rows for group in row.unnamed for student in group.students}),
        progress=progress(exported),
    )  # fmt: skip


def sentences(exported: ClassMarks) -> list[str]:
    """Return how many students have no mark of some kind, why, and what that means for them."""
    states = [{mark.state for mark in student.marks.values()} for student in exported.students]
    pending = [student.pending for student in exported.students if student.pending]
    zero = {
        State.UNREAD: exported.undecided.unreadable is Counted.ZERO,
        State.ABSENT: exported.undecided.absent is Counted.ZERO,
    }
    what = (
        (
            State.BROKEN,
            "The grader broke on {}. That says nothing about the work: those marks are open until it is graded again.",
        ),
        (State.UNREAD, "Of {} something could not be read, and those marks {}."),
        (State.ABSENT, "{} handed in nothing, and those marks {}."),
        (State.UNGRADED, "For {} an exercise was not graded, and those marks are open."),
    )  # fmt: skip
    said = [
        sentence.format(_counted(count), "count as 0" if zero.get(state) else "are open")
        for state, sentence in what
        if (count := sum(state in found for found in states))
    ]
    if pending:
        said.append(f"{_counted(len(pending))} can still get points that are pending, {number(max(pending))} at most.")
    without = sum(exported.total_of(student) is None for student in exported.students)
    if without:
        said.append(f"Without a total yet, and not in the distribution: {_counted(without)}.")
    return said


def _counted(students: int) -> str:
    return "1 student" if students == 1 else f"{students} students"


def _students(exported: ClassMarks, rows: Sequence[ExerciseRow]) -> list[dict[str, Any]]:
    mistakes: dict[int, list[Group]] = {}
    for group in (group for row in rows for group in row.misconceptions):
        for index in group.students:
            mistakes.setdefault(index, []).append(group)
    alike = len({student.pending for student in exported.students}) == 1  # and then said above, for all of them
    return [
        {
            "index": index,
            "name": student.record.label,
            "handin": student.record.attempts[-1].handin if student.record.attempts else "",
            "attempts": len(student.record.attempts),
            "message": exported.message_of(student),
            "total": exported.total_of(student),
            "pending": 0 if alike else student.pending,
            "penalty": student.penalty,
            "cells": _cells(exported, student),
            "misconceptions": mistakes.get(index, ()),
        }
        for index, student in enumerate(exported.students)
    ]


def _cells(exported: ClassMarks, student: StudentMarks) -> list[tuple[str, str]]:
    """Return the points of each exercise, and in a word why there are none, "" if there are."""
    return [(number(exported.points_of(mark)), open_word(mark)) for mark in student.marks.values()]


def page_environment() -> jinja2.Environment:
    """Return what pages for instructors are written with: everything in them is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    prose = MarkdownIt("commonmark", {"html": False}).disable(["image", "link", "autolink"])
    environment.filters["prose"] = lambda text: Markup(prose.renderInline(text))
    environment.filters["points"] = lambda value: f"{value:.4g}"
    return environment
