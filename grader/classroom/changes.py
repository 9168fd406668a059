"""Says how the marks of a class differ from those of before, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.records import OWN_CODE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import Mark
    from grader.classroom.records import Key

_LIBRARIES = "libraries"


class Change(NamedTuple):
    """A mark that is another one than before; None stands for one that is not decided."""

    student: str
    exercise: Key
    before: Decimal | None
    after: Decimal | None
    why: str


def changes_between(before: ClassMarks, after: ClassMarks) -> list[Change]:
    """Return the marks of students who were there before that are others now, in the order of the class."""
    known = {student.record.student: student.marks for student in before.students}
    return [
        Change(student.record.label, key, was.points, mark.points, _why(was, mark))
        for student in after.students
        for key, mark in student.marks.items()
        if (was := known.get(student.record.student, {}).get(key)) is not None
        and was.points != mark.points
        and not (was.points is None and was.attempt is None and not was.notes)
    ]


def _why(was: Mark, now: Mark) -> str:
    if now.attempt is None and now.override is None:
        return now.notes[0].rstrip(".") if now.notes else "it is not decided any more"
    instead = f" instead of attempt {was.attempt}" if was.attempt else ""
    reasons = {
        "points were set by hand": was.override != now.override,
        f"attempt {now.attempt} counts{instead}": was.attempt != now.attempt,
        "points were given by hand": was.by_hand != now.by_hand,
        "lateness counts otherwise: " + (now.lateness.rstrip(".") or "not at all"): was.raw == now.raw,
    }
    found = next((reason for reason, holds in reasons.items() if holds), "")
    if found or was.stored is None or now.stored is None:
        return found or "it was graded again"
    return _made_of_others(was.stored.made_of, now.stored.made_of)


def _made_of_others(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return which parts of what a result is made of are others now."""
    # Where the code is another one, so is the hand-in.
    differ = [part for part in after if part != OWN_CODE and before.get(part) != after[part]] if before else []
    if not before or not differ:
        return "it was graded again"
    named: Sequence[str] = [part if part == _LIBRARIES else f"the {part}" for part in differ]
    listed = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return f"{listed} changed"
