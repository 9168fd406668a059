"""Reads what is exported of a gradebook: who handed in what, and the marks that each exercise has got."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.classroom.gradebook import StudentRecord
    from grader.course.model import Course
    from grader.results import ExerciseResult

HELD_BACK = "The mark is held back:"  # how the reason begins why an exercise of a hand-in could not be read
_EARLIER = " An earlier hand-in got "
BROKEN = "The grader broke on a part of this hand-in: grade it again."


class Mark(StrEnum):
    """What becomes of a mark that no work decides."""

    HOLD = "hold"
    ZERO = "zero"


class Undecided(NamedTuple):
    """Which mark a hand-in gets that could not be read, and which one who handed in nothing."""

    unreadable: Mark = Mark.HOLD
    absent: Mark = Mark.ZERO


class ClassRecords(NamedTuple):
    """A course, everything that a gradebook knows about its students, and what undecided marks become."""

    course: Course
    records: Sequence[StudentRecord]
    undecided: Undecided = Undecided()

    def points_of(self, record: StudentRecord, exercise: tuple[str, str]) -> float | None:
        """Return a student's points for an exercise: None if undecided, 0 if such are to be counted so."""
        if record.problem:
            return None if self._is_held(record) else 0.0
        result = record.results.get(exercise)
        if result is None or result.outcome is Outcome.ERROR:
            counted = result is not None and _is_held_back(result) and self.undecided.unreadable is Mark.ZERO
            return 0.0 if counted else None
        return result.points

    def total_of(self, record: StudentRecord, exercises: Sequence[tuple[str, str]]) -> float | None:
        """Return a student's points for all of the exercises, None if one of them is undecided."""
        points = [self.points_of(record, exercise) for exercise in exercises]
        return None if None in points or self._is_held(record) else sum(filter(None, points))

    def summary(self) -> list[str]:
        """Return a sentence for each kind of marks that no work has decided: how many, whose, what they became."""
        unreadable, absent = _COUNTED[self.undecided.unreadable], _COUNTED[self.undecided.absent]
        parts = [record for record in self.records if is_held_in_part(record)]
        kinds = (
            ([record for record in self.records if record.status == "unreadable"], f"could not be read, {unreadable}"),
            (parts, f"could not be read in part, {unreadable}"),
            ([record for record in self.records if record.status == "absent"], f"handed in nothing, {absent}"),
        )
        return [f"{len(found)} {said}: {', '.join(map(label_of, found))}." for found, said in kinds if found]

    def _is_held(self, record: StudentRecord) -> bool:
        mark = self.undecided.absent if record.status == "absent" else self.undecided.unreadable
        return bool(record.problem) and mark is Mark.HOLD


_COUNTED = {Mark.HOLD: "and their marks are held back (empty)", Mark.ZERO: "and count as 0"}


def read_class(course: Course, gradebook: Path, undecided: Undecided = Undecided()) -> ClassRecords:  # noqa: B008 - immutable
    """Read a gradebook; raise `UsageError` if there is none or it cannot be read."""
    from grader.classroom.gradebook import Gradebook

    with closing(Gradebook.open(gradebook)) as book:
        return ClassRecords(course, book.records(), undecided)


def columns(course: Course, records: Sequence[StudentRecord]) -> list[tuple[str, str]]:
    """Return the exercises, as (lesson, name), that anybody has a result of, in the course's order."""
    order = {(exercise.lesson, exercise.name): index for index, exercise in enumerate(course.exercises)}
    found = {key for record in records for key in record.results}
    return sorted(found, key=lambda key: (order.get(key, len(order)), key))


def label_of(record: StudentRecord) -> str:
    """Return what sentences call a student."""
    return record.name if record.name in ("", record.student) else f"{record.name} ({record.student})"


def message_of(record: StudentRecord) -> str:
    """Return what there is to say about a hand-in beside its marks."""
    if record.problem and record.results:
        points = sum(result.points for result in record.results.values())
        return f"{record.problem} An earlier hand-in got {points:.10g} points, which are kept but not counted."
    if record.problem:
        return record.problem
    broken = [result for result in record.results.values() if result.outcome is Outcome.ERROR]
    if broken and all(map(_is_held_back, broken)):
        return broken[0].checks[0].message
    return BROKEN if broken else ""


def held_back(sentence: str, earlier: ExerciseResult | None) -> str:
    """Return why the mark of an exercise is held back, and which points an earlier hand-in got for it."""
    points = ""
    if earlier is not None and earlier.outcome is not Outcome.ERROR:
        points = f"{_EARLIER}{earlier.points:.10g} points for it."
    elif earlier is not None and _is_held_back(earlier):
        _, found, rest = earlier.checks[0].message.partition(_EARLIER)
        points = found + rest
    return f"{HELD_BACK} {sentence}{points}"


def is_held_in_part(record: StudentRecord) -> bool:
    """Tell whether the marks of some exercises of a hand-in are held back, while others could be read."""
    return not record.problem and any(map(_is_held_back, record.results.values()))


def _is_held_back(result: ExerciseResult) -> bool:
    """Tell a result of work that is there and could not be read from one that the grader broke on."""
    return any(check.outcome is Outcome.ERROR and check.message.startswith(HELD_BACK) for check in result.checks)
