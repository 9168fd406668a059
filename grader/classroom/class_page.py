"""Draws the class page: how the marks lie, which checks failed for how many, and who holds which misconception."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jinja2

from grader.classroom.marks import State
from grader.course.lesson_page import read_lesson_page
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import StudentMarks
    from grader.classroom.records import Key
    from grader.course.model import Course
    from grader.results import CheckResult, ExerciseResult

_BINS = 10


class Bar(NamedTuple):
    """One bar of the distribution: how many students have from `low` to `high` percent."""

    low: int
    high: int
    students: int
    share: float


@dataclass
class Misconception:
    """A known mistake, and who made it."""

    exercise: tuple[str, str]
    title: str
    explanation: str
    students: list[int] = field(default_factory=list)


class CheckRow(NamedTuple):
    """A check, and for how many of those who handed its exercise in it passed."""

    title: str
    hidden: bool
    passed: int
    graded: int


@dataclass
class ExerciseRow:
    """An exercise over the whole class; `part` is the lesson's text about it, as HTML."""

    exercise: tuple[str, str]
    title: str
    part: str
    graded: int
    full: int
    mean: float
    worth: float
    checks: list[CheckRow]
    misconceptions: list[Misconception]


def class_page(exported: ClassMarks) -> str:
    """Return the page as HTML that needs no other file; what students wrote appears as text, never as markup."""
    course, students, exercises = exported.course, exported.students, exported.exercises
    rows = _exercise_rows(exported)
    worth = sum(row.worth for row in rows)
    totals = [exported.total_of(student) for student in students]
    broken = [any(mark.state is State.BROKEN for mark in student.marks.values()) for student in students]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = lambda value: "" if value is None else f"{value:.4g}"
    return environment.get_template("class_page.html.jinja").render(
        course=course.name,
        students=[
            {
                "index": index,
                "name": student.record.label,
                "handin": student.record.attempts[-1].handin if student.record.attempts else "",
                "message": exported.message_of(student),
                "total": total,
                "points": [exported.points_of(student.marks[exercise]) for exercise in exercises],
                "misconceptions": [m for row in rows for m in row.misconceptions if index in m.students],
            }
            for index, (student, total) in enumerate(zip(students, totals, strict=True))
        ],
        names=[student.record.label for student in students],
        exercises=exercises,
        rows=rows,
        worth=worth,
        bars=_bars([float(total) / worth for total in totals if total is not None and worth]),
        broken=sum(broken),
        held=sum(total is None and not broke for total, broke in zip(totals, broken, strict=True)),
        misconceptions=sorted(
            (m for row in rows for m in row.misconceptions), key=lambda m: (-len(m.students), m.exercise, m.title)
        ),
    )


def _bars(shares: Sequence[float]) -> list[Bar]:
    counts = [0] * _BINS
    for share in shares:
        counts[min(int(share * _BINS), _BINS - 1)] += 1
    width = 100 // _BINS
    return [
        Bar(width * index, width * (index + 1), count, count / max(counts) if count else 0.0)
        for index, count in enumerate(counts)
    ]


def _exercise_rows(exported: ClassMarks) -> list[ExerciseRow]:
    course: Course = exported.course
    known = {(exercise.lesson, exercise.name): exercise for exercise in course.exercises}
    pages = {lesson.name: read_lesson_page(lesson) for lesson in course.lessons}
    rows = []
    for key in exported.exercises:
        decided = _decided(exported.students, key)
        misconceptions: dict[str, Misconception] = {}
        for index, result in decided:
            named = {d.variant: d for check in result.checks for d in check.diagnosis}
            for variant, diagnosis in named.items():
                found = misconceptions.setdefault(variant, Misconception(key, diagnosis.title, diagnosis.explanation))
                found.students.append(index)
        page = pages.get(key[0])
        rows.append(
            ExerciseRow(
                exercise=key,
                title=known[key].title if key in known else "",
                part=page.html_of(key[1]) if page else "",
                graded=len(decided),
                full=sum(result.points == result.max_points for _, result in decided),
                mean=sum(result.points for _, result in decided) / len(decided) if decided else 0.0,
                worth=exported.worth[key].max_points,
                checks=[
                    CheckRow(
                        check.title,
                        check.visibility == "hidden",
                        sum(_passed(result.checks, check.name) for _, result in decided),
                        len(decided),
                    )
                    for check in exported.worth[key].checks
                    if check.outcome is not Outcome.SKIPPED
                ],
                misconceptions=sorted(misconceptions.values(), key=lambda m: (-len(m.students), m.title)),
            )
        )
    return rows


def _decided(students: Sequence[StudentMarks], key: Key) -> list[tuple[int, ExerciseResult]]:
    """Return the results that count, each with the place of its student in the class."""
    return [
        (index, stored.result)
        for index, student in enumerate(students)
        if (stored := student.marks[key].stored) is not None
    ]


def _passed(checks: Sequence[CheckResult], name: str) -> bool:
    return any(check.name == name and check.outcome is Outcome.PASSED for check in checks)
