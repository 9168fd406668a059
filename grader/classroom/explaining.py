"""Explains every number of a student's marks: attempts, what checks and people gave, and what lateness takes off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.classroom.formats.csv import number
from grader.classroom.local_time import minute
from grader.classroom.wording import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import CriterionMark, Mark, StudentMarks
    from grader.classroom.records import Attempt, Stored, StudentRecord


def explained(exported: ClassMarks, student: StudentMarks) -> RenderableType:
    """Return a drawing that explains a student's marks, exercise by exercise."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    total, raw = exported.total_of(student), exported.raw_total_of(student)
    lines: list[RenderableType] = [
        Text(
            f"{student.record.label}: "
            + (f"{number(total)} of {number(student.maximum)} points" if total is not None else "no total yet")
            + (f", and {number(student.pending)} pending" if student.pending else ""),
            "bold",
        )
    ]
    if total is not None and raw is not None and student.penalty:
        lines.append(Text(f"Earned {number(raw)}, lateness {number(student.penalty)}."))
    if student.record.left_at is not None:
        lines.append(
            Text(f"Left the class: the roster has not named them since {minute(student.record.left_at)}.", "yellow")
        )
    lines.append(Text("Attempts", "bold"))
    lines += [Padding(Text(_attempt(attempt)), (0, 0, 0, 2)) for attempt in student.record.attempts] or [Text("  none")]
    for mark in student.marks.values():
        lines.append(Text(f"{mark.exercise[1]}: {_headline(exported, mark)}", "bold"))
        lines += [
            Padding(Text(line), (0, 0, 0, 2)) for line in (*lines_on(mark), *later_without_work(student.record, mark))
        ]
    for comment in student.record.comments:
        place = f", line {comment.line}" if comment.line else ""
        lines.append(Text(f"{comment.author} on {comment.exercise[1]}{place}: {comment.text}"))
    return Group(*lines)


def later_without_work(record: StudentRecord, mark: Mark) -> list[str]:
    """Return why later attempts do not count that were graded, and had no code for the exercise."""
    found = [
        (attempt.number, attempt.results[mark.exercise])
        for attempt in record.attempts
        if mark.attempt is not None and attempt.number > mark.attempt and mark.exercise in attempt.results
    ]
    return [
        f"Attempt {number} holds only an answer in text, which does not count, because attempt {mark.attempt} does."
        if stored.result.answers and mark.answer_attempt is None
        else f"Attempt {number} has no work for it: {_first_message(stored)}"
        for number, stored in found
        if stored.decided and not stored.written
    ]


def _first_message(stored: Stored) -> str:
    return next((check.message.partition("\n")[0] for check in stored.result.checks if check.message), "not written.")


def when_handed_in(attempt: Attempt) -> str:
    """Return when an attempt was handed in, or when it was first seen where nobody knows."""
    if attempt.submitted_at:
        return minute(attempt.submitted_at)
    return (
        f"no time known, first graded {minute(attempt.received_at) if attempt.received_at else 'by an earlier grader'}"
    )


def _attempt(attempt: Attempt) -> str:
    when = when_handed_in(attempt)
    late = ", late by the platform" if attempt.late else ""
    problem = f": {attempt.problem}" if attempt.problem else f" ({counted(len(attempt.results), 'exercise')})"
    return f"{attempt.number}. {attempt.handin}, {when}{late}{problem}"


def _headline(exported: ClassMarks, mark: Mark) -> str:
    points = exported.points_of(mark)
    if points is None:
        return "no mark yet"
    counted = " (counted as 0)" if mark.raw is None else ""
    return f"{number(points)} of {number(mark.maximum)}{counted}"


def lines_on(mark: Mark) -> list[str]:
    """Return sentences that explain a mark, from what was graded to what it comes to."""
    lines = []
    if mark.attempt is not None and mark.stored is not None:
        seed = mark.stored.made_of.get("seed", "None")
        drawn = "" if seed in ("None", "") else f", inputs of seed {seed}"
        how = f", isolation {mark.stored.isolation}" if mark.stored.isolation else ""
        when = minute(mark.stored.graded_at) if mark.stored.graded_at else "at a time that is not known"
        lines.append(f"Attempt {mark.attempt} counts; graded {when}{how}{drawn}.")
        lines += joined_lines(mark)
    lines += _override(mark)
    lines += [_criterion(criterion) for criterion in mark.told]
    if mark.raw is not None and mark.lateness:
        lines.append(f"Earned {number(mark.raw)}, lateness {number(mark.penalty)}: {mark.lateness}")
    if mark.tokens:
        lines.append(f"Spends {counted(mark.tokens, 'token')}.")
    return [*lines, *mark.notes]


def joined_lines(mark: Mark) -> list[str]:
    """Return a sentence on where code or answer come from, if not from the attempt that counts."""
    if mark.attempt is None:
        return []
    if mark.code_attempt != mark.attempt:
        return [
            f"Attempt {mark.attempt} holds only an answer in text. It counts with the code of attempt "
            f"{mark.code_attempt}, as if both had been handed in with attempt {mark.attempt}."
        ]
    if mark.answer_attempt not in (None, mark.attempt):
        return [
            f"Attempt {mark.attempt} has no answer in text. It counts with the answer of attempt {mark.answer_attempt}."
        ]
    return []


def decided_by_hand(mark: Mark) -> list[str]:
    """Return sentences on what people have decided about the points of a mark."""
    return [*_override(mark), *(_criterion(each) for each in mark.criteria if each.by)]


def _override(mark: Mark) -> list[str]:
    given = mark.override
    return [f"{given.author} set {given.points:.10g} points on {minute(given.given_at)}: {given.why}"] if given else []


def _criterion(criterion: CriterionMark) -> str:
    if criterion.points is None:
        return f"pending, {number(criterion.maximum)}  {criterion.title}"
    said = f"{criterion.by}: {criterion.why}" if criterion.by else criterion.why
    by = f" ({said})" if said else ""
    return f"{number(criterion.points)} of {number(criterion.maximum)}  {criterion.title}{by}"
