"""Makes the marks of a class out of points, without grading anything and without a gradebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.counting import marks_of
from grader.classroom.export import ClassMarks
from grader.classroom.marks import HELD_BACK
from grader.classroom.policy import Policy
from grader.classroom.records import Attempt, Comment, HandMark, Stored, StudentRecord
from grader.results import CheckResult, Counterexample, CriterionResult, Diagnosis, ExerciseResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.course.model import Course

DOUBLE, TWOFOLD = ("numbers", "double"), ("numbers", "twofold")
LIBRARIES = "torch 2.13.0, numpy 2.4.6"


class Pupil(NamedTuple):
    """A student of a made-up class: points by exercise, None where the grader broke; without any, nothing came."""

    key: str
    points: Sequence[float | None] = ()
    name: str = ""
    when: str | None = None
    problem: str = ""
    by_hand: Sequence[HandMark] = ()
    comments: Sequence[Comment] = ()
    said: str = ""  # what stands wherever a submission's or a marker's own words can


def marked_class(course: Course, pupils: Iterable[Pupil], policy: Policy = Policy(), worth: float = 10.0) -> ClassMarks:  # noqa: B008
    """Return the marks of a class for one exercise for every number of points that a pupil has."""
    pupils = list(pupils)
    keys = (DOUBLE, TWOFOLD)[: max((len(pupil.points) for pupil in pupils), default=1) or 1]
    records = [_record(pupil, worth) for pupil in pupils]
    return ClassMarks(
        course, {key: result(key, worth, worth) for key in keys},
        marks_of(records, {key: result(key, worth, worth) for key in keys}, policy), policy=policy,
    )  # fmt: skip


def result(key: tuple[str, str], points: float | None, worth: float, said: str = "") -> ExerciseResult:
    """Return a result of which a public check gives the first four tenths, and a hidden one the rest."""
    if points is None:
        broke = CheckResult("test_it", "It doubles.", "public", Outcome.ERROR, "It broke.", 0.0, None, ())
        return ExerciseResult(*key, 0.0, worth, Outcome.ERROR, (broke,), ())
    outcome = Outcome.PASSED if points == worth else Outcome.FAILED
    example = Counterexample("double(2)", {"number": f"{said}2"}, f"{said}4", f"{said}3", f"{said}at 0", 1.0, 0.1, said)
    wrong = None if outcome is Outcome.PASSED else example
    mistakes = () if wrong is None else (Diagnosis("unchanged", "It is not doubled.", "Twice is not once."),)
    checks = (
        CheckResult("test_public", "Two is doubled.", "public", outcome, said, 0.0, wrong, mistakes),
        CheckResult(
            "test_hidden", "Minus three is doubled.", "hidden", outcome, (wrong and "told-hidden") or "",
            0.0, wrong and example.__class__("double(-3)", {"number": "told-hidden"}, "told-hidden", "told-hidden", None, None, None, ""), (),
        ),
    )  # fmt: skip
    public = min(points, worth * 0.4)
    criteria = (
        CriterionResult("Small numbers", public, worth * 0.4, outcome, "public", ("test_public",), False),
        CriterionResult("Others", points - public, worth * 0.6, outcome, "hidden", ("test_hidden",), False),
    )
    return ExerciseResult(*key, points, worth, outcome, checks, criteria, 7)


def held(reason: str) -> str:
    """Return the message of a check of work that could not be read."""
    return f"{HELD_BACK} {reason}"


def _record(pupil: Pupil, worth: float) -> StudentRecord:
    results = {
        key: Stored(
            result(key, points, worth, pupil.said), "f" * 64,
            {"hand-in": f"hash-{pupil.key}", "seed": "7", "libraries": LIBRARIES, "isolation": "strict"},
            True, 0.1, "strict", "2026-11-22T08:00:00+00:00", {f"{pupil.said}work.py": "c" * 64},
        )
        for key, points in zip((DOUBLE, TWOFOLD), pupil.points, strict=False)
    }  # fmt: skip
    attempt = Attempt(
        1, f"{pupil.said}work.py", f"hash-{pupil.key}", pupil.problem, pupil.when, None, "2026-11-22T08:00:00+00:00",
        {} if pupil.problem else results,
    )  # fmt: skip
    return StudentRecord(
        pupil.key, pupil.name or pupil.key, (), None, [attempt] if pupil.points or pupil.problem else [], pupil.by_hand,
        (), pupil.comments,
    )  # fmt: skip
