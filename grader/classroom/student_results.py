"""What platforms get about a student beside the number: criterion by criterion, without what hidden checks tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.formats.csv import number
from grader.report.hidden import without_hidden_details
from grader.results import Outcome

if TYPE_CHECKING:
    from decimal import Decimal

    from grader.classroom.marks import CriterionMark, Mark, StudentMarks
    from grader.results import CheckResult, CriterionResult, ExerciseResult

MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.SKIPPED: "·", Outcome.ERROR: "!"}


class Part(NamedTuple):
    """A criterion: what it gave, None while that is pending, and lines on why; `hidden` if its checks are."""

    name: str
    points: Decimal | None
    maximum: Decimal
    hidden: bool
    lines: tuple[str, ...]

    @property
    def full(self) -> bool:
        """Whether it gave all points."""
        return self.points is not None and self.points >= self.maximum


def parts_of(student: StudentMarks) -> list[Part]:
    """Return the criteria of a student's marks that rest on some work; points set by hand stand in place of them."""
    found = []
    for (_, exercise), mark in student.marks.items():
        if mark.override is not None:
            said = (f"{number(mark.by_hand)} points were set by hand: {mark.override.why}",)
            found.append(Part(exercise, mark.raw, mark.maximum, False, said))
        elif mark.stored is not None:
            result = without_hidden_details(mark.stored.result)
            found += [
                _part(exercise, result, criterion, given)
                for criterion, given in zip(result.criteria, mark.criteria, strict=True)
            ]
    return found


def lateness_of(student: StudentMarks) -> list[str]:
    """Return sentences on what lateness does to a student's marks, each once."""
    return list(dict.fromkeys(mark.lateness for mark in student.marks.values() if mark.lateness))


def state_of(mark: Mark) -> dict[str, object]:
    """Return what a mark was made of, for programs that get it back later."""
    stored = mark.stored
    return {
        "exercise": "/".join(mark.exercise),
        "attempt": mark.attempt,
        "score": None if mark.raw is None else float(mark.raw),
        "penalty": float(mark.penalty),
        "max_points": float(mark.maximum),
        "pending": float(mark.pending),
        "by_hand": float(mark.by_hand),
        "tokens": mark.tokens,
        "isolation": stored.isolation if stored else "",
        "graded_at": stored.graded_at if stored else None,
        "fingerprint": stored.fingerprint if stored else "",
    }


def _part(exercise: str, result: ExerciseResult, criterion: CriterionResult, given: CriterionMark) -> Part:
    lines = [line for check in result.checks if check.name in criterion.checks for line in _lines(check)]
    if given.points is None:
        lines.append(f"Pending: {number(given.maximum)} points.")
    if given.by:
        lines.append(f"{given.by}: {given.why}")
    hidden = criterion.visibility == "hidden"
    return Part(f"{exercise}: {criterion.title}", given.points, given.maximum, hidden, tuple(lines))


def _lines(check: CheckResult) -> list[str]:
    lines = [f"{MARKS[check.outcome]} {check.title}"]
    if check.message and check.message != check.title:
        lines.append(f"  {check.message}")
    return lines + [f"  {diagnosis.title} {diagnosis.explanation}".rstrip() for diagnosis in check.diagnosis]
