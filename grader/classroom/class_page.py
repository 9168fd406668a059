"""Draws the class page: how the marks lie, which checks failed for how many, and who holds which misconception."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jinja2

from grader.classroom.export import BROKEN, columns, label_of, message_of
from grader.course.lesson_page import read_lesson_page
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.export import ClassRecords
    from grader.classroom.gradebook import StudentRecord
    from grader.course.model import Course
    from grader.results import CheckResult

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


def class_page(exported: ClassRecords) -> str:
    """Return the page as HTML that needs no other file; what students wrote appears as text, never as markup."""
    course, records, _ = exported
    exercises = columns(course, records)
    rows = _exercise_rows(course, records, exercises)
    worth = sum(row.worth for row in rows)
    totals = [exported.total_of(record, exercises) for record in records]
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
                "name": label_of(record),
                "handin": record.handin,
                "message": message_of(record),
                "total": total,
                "points": [exported.points_of(record, exercise) for exercise in exercises],
                "misconceptions": [m for row in rows for m in row.misconceptions if index in m.students],
            }
            for index, (record, total) in enumerate(zip(records, totals, strict=True))
        ],
        names=[label_of(record) for record in records],
        exercises=exercises,
        rows=rows,
        worth=worth,
        bars=_bars([total / worth for total in totals if total is not None and worth]),
        broken=sum(message_of(record) == BROKEN for record in records),
        held=sum(total is None for total in totals) - sum(message_of(record) == BROKEN for record in records),
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


def _exercise_rows(
    course: Course, records: Sequence[StudentRecord], exercises: Sequence[tuple[str, str]]
) -> list[ExerciseRow]:
    known = {(exercise.lesson, exercise.name): exercise for exercise in course.exercises}
    pages = {lesson.name: read_lesson_page(lesson) for lesson in course.lessons}
    rows = []
    for key in exercises:
        results = [(i, r.results[key]) for i, r in enumerate(records) if key in r.results]
        decided = [(i, r) for i, r in results if r.outcome is not Outcome.ERROR and not records[i].problem]
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
                worth=results[0][1].max_points,
                checks=[
                    CheckRow(
                        check.title,
                        check.visibility == "hidden",
                        sum(_passed(result.checks, check.name) for _, result in decided),
                        len(decided),
                    )
                    for check in results[0][1].checks
                    if check.outcome is not Outcome.SKIPPED
                ],
                misconceptions=sorted(misconceptions.values(), key=lambda m: (-len(m.students), m.title)),
            )
        )
    return rows


def _passed(checks: Sequence[CheckResult], name: str) -> bool:
    return any(check.name == name and check.outcome is Outcome.PASSED for check in checks)
