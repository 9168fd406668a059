"""Counts over a class: how each exercise went, who holds which misconception, what has no name, and what came when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.local_time import handed_in
from grader.classroom.marks import State
from grader.course.lesson_page import read_lesson_page
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import Mark
    from grader.classroom.records import Attempt, Key
    from grader.results import CheckResult, ExerciseResult

_BINS = 10
_MOST_BARS = 90  # days in a picture; of a longer time, weeks are drawn


class Bar(NamedTuple):
    """One bar of the distribution: how many students have from `low` to `high` percent."""

    low: int
    high: int
    students: int
    share: float


@dataclass
class Group:
    """Students, by their place in the class, who have something in common: a known mistake, or a check that fails.

    `crashed` counts those whose work raised or was stopped there.
    """

    exercise: Key
    title: str
    explanation: str = ""
    students: list[int] = field(default_factory=list)
    hidden: bool = False
    crashed: int = 0
    number: int = 0  # what tells it from others on the page


class CheckRow(NamedTuple):
    """A check, and for how many of those who handed its exercise in it passed."""

    title: str
    hidden: bool
    passed: int
    graded: int


class ExerciseRow(NamedTuple):
    """An exercise over the whole class; `part` is the lesson's text about it, as HTML.

    `unwritten` counts those whose hand-in has nothing for it, and `open` those whose mark is open.
    """

    exercise: Key
    title: str
    part: str
    graded: int
    full: int
    mean: float
    worth: float
    unwritten: int
    open: int
    checks: Sequence[CheckRow]
    misconceptions: Sequence[Group]
    unnamed: Sequence[Group]


class Day(NamedTuple):
    """What came in on a day, or in the week that begins with it; `share` is the mean part of its points, if any."""

    first: date
    attempts: int
    share: float | None


class Progress(NamedTuple):
    """Days without a gap, in the course's time zone, and how many attempts came at a time that nobody knows."""

    days: Sequence[Day]
    weeks: bool
    unknown: int


def distribution(exported: ClassMarks) -> list[Bar]:
    """Return how many students have which part of the points that they can have so far."""
    counts = [0] * _BINS
    for student in exported.students:
        total = exported.total_of(student)
        if total is not None and student.maximum:
            counts[max(0, min(int(total / student.maximum * _BINS), _BINS - 1))] += 1
    width, highest = 100 // _BINS, max(counts) or 1
    return [Bar(width * index, width * (index + 1), count, count / highest) for index, count in enumerate(counts)]


def exercise_rows(exported: ClassMarks) -> list[ExerciseRow]:
    """Return what became of each exercise, in the course's order."""
    known = {(exercise.lesson, exercise.name): exercise for exercise in exported.course.exercises}
    pages = {lesson.name: read_lesson_page(lesson) for lesson in exported.course.lessons}
    rows = []
    for key in exported.exercises:
        marks = [student.marks[key] for student in exported.students]
        given = [mark for mark in marks if mark.raw is not None]
        written = [(i, m.stored.result) for i, m in enumerate(marks) if m.stored is not None and m.stored.written]
        page = pages.get(key[0])
        rows.append(
            ExerciseRow(
                key,
                known[key].title if key in known else "",
                page.html_of(key[1]) if page else "",
                len(given),
                sum(mark.raw is not None and mark.raw >= mark.maximum for mark in given),
                float(sum((mark.raw or 0 for mark in given), start=0)) / len(given) if given else 0.0,
                float(max((mark.maximum for mark in given), default=exported.maximum_of(key))),
                sum(mark.stored is not None and not mark.stored.written for mark in marks),
                sum(exported.points_of(mark) is None for mark in marks),
                _check_rows(exported.worth[key], [result for _, result in written]),
                _misconceptions(key, written),
                _unnamed(key, written),
            )
        )
    groups = [group for row in rows for group in (*row.misconceptions, *row.unnamed)]
    for number, group in enumerate(groups, start=1):
        group.number = number
    return rows


def by_frequency(groups: Sequence[Group]) -> list[Group]:
    """Return groups with the largest first."""
    return sorted(groups, key=lambda group: (-len(group.students), group.exercise, group.title))


def progress(exported: ClassMarks) -> Progress:
    """Return what came in when."""
    attempts = [attempt for student in exported.students for attempt in student.record.attempts]
    zone = exported.policy.zone
    timed = [
        (moment.astimezone(zone).date(), attempt)
        for attempt in attempts
        if (moment := handed_in(attempt.submitted_at, zone)) is not None
    ]
    unknown = len(attempts) - len(timed)
    if not timed:
        return Progress((), False, unknown)
    first, last = min(day for day, _ in timed), max(day for day, _ in timed)
    weeks = (last - first).days >= _MOST_BARS
    step = timedelta(days=7 if weeks else 1)
    counts: Counter[int] = Counter()
    shares: dict[int, list[float]] = {}
    for day, attempt in timed:
        at = (day - first) // step
        counts[at] += 1
        shares.setdefault(at, []).extend(_shares(attempt))
    days = [
        Day(first + at * step, counts[at], sum(found) / len(found) if (found := shares.get(at)) else None)
        for at in range((last - first) // step + 1)
    ]
    return Progress(days, weeks, unknown)


def open_word(mark: Mark) -> str:
    """Return in a word why a mark is open."""
    return {
        State.ABSENT: "nothing", State.UNREAD: "unread", State.BROKEN: "broken", State.UNGRADED: "not graded",
        State.DECIDED: "",
    }[mark.state]  # fmt: skip


def _shares(attempt: Attempt) -> list[float]:
    """Return which part of the points of its checks each exercise of an attempt has."""
    results = [stored.result for stored in attempt.results.values() if stored.decided and stored.written]
    worth = [sum(c.max_points for c in result.criteria if not c.manual) or result.max_points for result in results]
    return [min(result.points / most, 1.0) for result, most in zip(results, worth, strict=True) if most]


def _check_rows(worth: ExerciseResult, results: Sequence[ExerciseResult]) -> list[CheckRow]:
    passed = Counter(check.name for result in results for check in result.checks if check.outcome is Outcome.PASSED)
    return [
        CheckRow(check.title, check.visibility == "hidden", passed[check.name], len(results))
        for check in worth.checks
        if check.outcome is not Outcome.SKIPPED
    ]


def _misconceptions(key: Key, results: Sequence[tuple[int, ExerciseResult]]) -> list[Group]:
    found: dict[str, Group] = {}
    for index, result in results:
        for variant, diagnosis in {d.variant: d for check in result.checks for d in check.diagnosis}.items():
            found.setdefault(variant, Group(key, diagnosis.title, diagnosis.explanation)).students.append(index)
    return by_frequency(list(found.values()))


def _unnamed(key: Key, results: Sequence[tuple[int, ExerciseResult]]) -> list[Group]:
    """Return the checks that failed for students no mistake of whom has a name."""
    found: dict[str, Group] = {}
    for index, result in results:
        if any(check.diagnosis for check in result.checks):
            continue
        for check in (check for check in result.checks if check.outcome is Outcome.FAILED):
            group = found.setdefault(check.name, _group(key, check))
            group.students.append(index)
            group.crashed += check.crashed
    return by_frequency(list(found.values()))


def _group(key: Key, check: CheckResult) -> Group:
    return Group(key, check.title, hidden=check.visibility == "hidden")
