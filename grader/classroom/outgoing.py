"""The one number of a student that a platform gets: on its scale, with two decimals, and only if it is decided."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from grader.classroom.export import Number
from grader.classroom.formats.csv import number

if TYPE_CHECKING:
    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import StudentMarks

PLACES = 2  # what Canvas and Moodle compare and keep


class Outgoing:
    """The numbers of a class for a platform, which counts up to `maximum`, or as the gradebook does for None."""

    def __init__(self, exported: ClassMarks, platform: str, maximum: Decimal | None = None) -> None:
        self._exported = exported
        self._platform = platform
        self.places = min(exported.policy.decimals, PLACES)
        self.reachable = sum((_reachable(exported, key) for key in exported.exercises), Decimal(0))
        self.maximum = maximum if maximum else self.reachable
        self.scaled = self.maximum != self.reachable and bool(self.reachable)

    def number(self, student: StudentMarks) -> Decimal | None:
        """Return a student's points on the platform's scale, rounded once; None if something is not decided."""
        points = self._unscaled(student)
        if points is None:
            return None
        if self.scaled:
            return rounded(points * self.maximum / self.reachable, PLACES)
        return rounded(points, self.places)

    def _unscaled(self, student: StudentMarks) -> Decimal | None:
        one = self._exported.points_of if self._exported.wanted.points is Number.TOTAL else self._exported.raw_of
        found = [one(mark) for mark in student.marks.values()]
        return None if not found or any(each is None for each in found) else sum(filter(None, found), Decimal(0))

    def lateness(self, student: StudentMarks, grade: Decimal) -> str:
        """Return what lateness has cost a student, and which points have become the grade on the platform's scale."""
        said = f"Earned {number(self._exported.raw_total_of(student))} points; lateness: {number(student.penalty)}."
        if not self.scaled:
            return said
        points = self._unscaled(student)
        return f"{said} The grade {number(grade)} stands for {number(points)} of {number(self.reachable)} points."

    def said(self) -> list[str]:
        """Return sentences on what was done to the numbers, and on what the platform may do to them."""
        found = []
        if self.scaled:
            found.append(
                f"{self._platform} has {number(self.maximum)} points where the gradebook has {number(self.reachable)}: "
                f"every mark is multiplied by {number(self.maximum)}/{number(self.reachable)}."
            )
        if any(student.penalty for student in self._exported.students):
            found.append(
                f"What lateness costs is taken off. If {self._platform} has a rule for late work, too, it takes it off "
                "once more: export with --points score then."
                if self._exported.wanted.points is Number.TOTAL
                else f"What lateness costs is not taken off: {self._platform} has to do that."
            )
        return found

    def undecided(self) -> list[str]:
        """Return a sentence on students who get no file of their own, nothing if everybody does."""
        without = [each.record.label for each in self._exported.students if self.number(each) is None]
        return [f"Without a decided mark, and so without a file: {', '.join(without)}."] if without else []


def rounded(points: Decimal, places: int) -> Decimal:
    """Round half up."""
    return points.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _reachable(exported: ClassMarks, exercise: tuple[str, str]) -> Decimal:
    """Return what can be reached of an exercise so far: without what is pending for everybody."""
    marks = [student.marks[exercise] for student in exported.students]
    return max((mark.maximum for mark in marks if mark.override is None), default=exported.maximum_of(exercise))
