"""Writes a verdict as lines of plain text, in the order in which they help: for screen readers, and for small consoles.

Nothing depends on colour, on a sign, or on what stands above or beside what. Lines are as long as their sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.by_hand import answers_found, marked_by_hand, worth
from grader.report.failures import (
    diagnosis_introduction,
    evidence,
    failures,
    left_to_fill_in,
    listed_checks,
    none_passed,
    only_reason,
    points,
    unwritten,
)
from grader.report.registry import Format
from grader.report.totals import in_checks, in_points, total_in_words
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.report.failures import Failure
    from grader.results import CheckResult, ExerciseResult, Verdict

WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.SKIPPED: "later",
    Outcome.ERROR: "not decided, because the grader broke",
}


def plain(verdict: Verdict) -> str:
    """Return the verdict in words: every exercise in one line, and the first failure in full."""
    return "\n".join(_verdict(verdict))


def everything(verdict: Verdict) -> str:
    """Return the whole verdict in words: every exercise with all its checks, and every failure in full."""
    return "\n".join([*(line for exercise in verdict.exercises for line in _all_of(exercise)), *_total(verdict)])


def shown_check(check: CheckResult) -> str:
    """Return what there is to say of one check."""
    hidden = ", hidden" if check.visibility == "hidden" else ""
    return "\n".join([f"{check.title} {WORDS[check.outcome].capitalize()}{hidden}.", *_details(check)])


def _all_of(exercise: ExerciseResult) -> Iterator[str]:
    yield _head(exercise)
    if unwritten(exercise):
        return
    if only := only_reason(exercise):
        yield from _details(only)
        yield none_passed(exercise)
        return
    for check in listed_checks(exercise.checks):
        yield f"Number {exercise.checks.index(check) + 1}: {shown_check(check)}"
    yield from _points(exercise)


def _verdict(verdict: Verdict) -> Iterator[str]:
    shown_in_full = False
    for exercise in verdict.exercises:
        yield _head(exercise)
        if exercise.outcome in (Outcome.FAILED, Outcome.ERROR) and not shown_in_full and not unwritten(exercise):
            yield from _what_went_wrong(exercise)
            shown_in_full = True
        if len(verdict.exercises) == 1:
            yield from _points(exercise)
        for criterion in marked_by_hand(exercise):
            yield f"{criterion.title}: {worth(criterion)}."
        if marked_by_hand(exercise):
            yield from answers_found(exercise)
    yield from _total(verdict)


def _total(verdict: Verdict) -> Iterator[str]:
    for sentence in total_in_words(verdict):
        yield from (f"{part[0].upper()}{part[1:].removesuffix('.')}." for part in sentence.split("; "))


def _head(exercise: ExerciseResult) -> str:
    if unwritten(exercise):
        return f"{exercise.name}: not written yet. {left_to_fill_in(exercise)}".rstrip()
    given = f"{in_points(exercise)} points"
    return f"{exercise.name}: {WORDS[exercise.outcome]}, {given}, {in_checks(exercise)} checks passed."


def _what_went_wrong(exercise: ExerciseResult) -> Iterator[str]:
    if only := only_reason(exercise):
        yield from _details(only)
        yield none_passed(exercise)
        return
    found = failures(exercise.checks)
    if found:
        yield from _failure(found[0])
    shown = {failure.check.name for failure in found[:1]}
    others = [check for check in listed_checks(exercise.checks) if check.name not in shown]
    yield from _others(exercise, [check for check in others if check.outcome in (Outcome.FAILED, Outcome.ERROR)])


def _failure(failure: Failure) -> Iterator[str]:
    yield f"What failed first: {failure.check.title}"
    yield from _details(failure.check)
    if failure.others:
        yield failure.others


def _details(check: CheckResult) -> Iterator[str]:
    if check.message != check.title:
        yield from map(str.strip, check.message.splitlines())
    for label, text in evidence(check.counterexample):
        first, *rest = text.splitlines() or [""]
        yield f"{label.capitalize()}: {first}"
        yield from map(str.strip, rest)
    if check.diagnosis:
        yield diagnosis_introduction(check.diagnosis)
        for diagnosis in check.diagnosis:
            yield f"{diagnosis.title} {' '.join(diagnosis.explanation.split())}"


def _others(exercise: ExerciseResult, others: Sequence[CheckResult]) -> Iterator[str]:
    for check in others:
        number = exercise.checks.index(check) + 1
        hidden = " This check is hidden." if check.visibility == "hidden" else ""
        yield f"Also failed, number {number}: {check.title}{hidden}"
    if others:
        yield f"To read one of these in full: grade show {exercise.name} NUMBER"


def _points(exercise: ExerciseResult) -> Iterator[str]:
    for criterion in exercise.criteria:
        if criterion.manual:
            continue
        hidden = ", hidden" if criterion.visibility == "hidden" else ""
        given = f"{points(criterion.points)} of {points(criterion.max_points)} points"
        if criterion.outcome is Outcome.SKIPPED:
            given = f"{points(criterion.max_points)} points that are decided later"
        remark = f" ({criterion.remark})" if criterion.remark else ""
        yield f"{criterion.title}{hidden}: {given}{remark}."


FORMAT = Format("plain", plain)
