"""Reads and validates the rubrics of a course, one TOML file a lesson."""

from __future__ import annotations

import math
import re
import tomllib
from typing import TYPE_CHECKING, Any

from grader.course.rubric import CALL_SECONDS, Criterion, ExerciseRubric
from grader.course.rubric_faults import course_faults, schema_faults, suggestion
from grader.course.toml_lines import key_lines, line_of
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from grader.course.model import Course, Lesson


class RubricError(UsageError):
    """A rubric is wrong; the text begins with its file and the line of the key."""


def load_rubrics(course: Course, lessons: Iterable[str] | None = None) -> dict[tuple[str, str], ExerciseRubric]:
    """Return the rubric of every exercise of the lessons (all of them for None), by `(lesson, exercise)`.

    A student's copy of the course has no `reference/` and so no hidden checks: there, hidden criteria are
    taken as they are.

    Raises:
        RubricError: a rubric is missing, is not TOML, violates `schemas/rubric-1.schema.json`, does not fit
            the course's exercises and checks, or its points do not add up; of several errors the first.
        UsageError: the course has no such lesson.
    """
    known = {lesson.name: lesson for lesson in course.lessons}
    if lessons is None:
        _refuse_orphans(course, known)
    rubrics: dict[tuple[str, str], ExerciseRubric] = {}
    for name in known if lessons is None else lessons:
        if name not in known:
            raise UsageError(f"No lesson is called `{name}`: the lessons are {', '.join(known)}.")
        loaded = _load(course, known[name])
        rubrics.update({(name, exercise): rubric for exercise, rubric in loaded.items()})
    return rubrics


def _refuse_orphans(course: Course, known: Mapping[str, Lesson]) -> None:
    for path in sorted((course.root / "rubrics").glob("*.toml")):
        if path.stem not in known:
            remedy = suggestion(path.stem, known, "correct the name or remove the file.")
            raise RubricError(f"rubrics/{path.name}:1: there is no lesson exercises/{path.stem}: {remedy}")


def _load(course: Course, lesson: Lesson) -> dict[str, ExerciseRubric]:
    place = lesson.rubric.relative_to(course.root).as_posix()
    with reading(lesson.rubric):
        if not lesson.rubric.exists():
            raise RubricError(f"{place} is missing: create it, and write down what the lesson's checks are worth.")
        content = lesson.rubric.read_bytes()
    try:
        text = content.decode("utf-8-sig")
        data = tomllib.loads(text, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise RubricError(f"{place}:1: the file is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise RubricError(_not_toml(place, text, error)) from error
    faults = list(schema_faults(data))
    rubrics: dict[str, ExerciseRubric] = {}
    if not faults:
        rubrics = {name: _exercise_rubric(table) for name, table in data["exercises"].items()}
        students_copy = not (course.root / "reference").is_dir()
        faults = list(course_faults(data["points"], rubrics, lesson, students_copy))
    if faults:
        lines = key_lines(text)
        first = min(faults, key=lambda fault: line_of(fault.key, lines))
        raise RubricError(f"{place}:{line_of(first.key, lines)}: {first.sentence}")
    return rubrics


def _finite(text: str) -> float | str:
    """Read a float; NaN and infinities stay texts, which the schema then refuses by name."""
    value = float(text)
    return value if math.isfinite(value) else text


def _not_toml(place: str, text: str, error: tomllib.TOMLDecodeError) -> str:
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", str(error))
    line = found[1] if found and found[1] else len(text.splitlines()) or 1
    reason = str(error)[: found.start()] if found else str(error)
    return f"{place}:{line}: the file is not valid TOML ({reason}): fix the syntax."


def _exercise_rubric(table: Mapping[str, Any]) -> ExerciseRubric:
    criteria = tuple(
        Criterion(
            title=criterion["title"],
            points=float(criterion["points"]),
            visibility=criterion["visibility"],
            checks=tuple(criterion.get("checks", ())),
            tier=criterion.get("tier", "cpu"),
            manual=criterion.get("manual", False),
        )
        for criterion in table["criteria"]
    )
    return ExerciseRubric(
        points=float(table["points"]),
        criteria=criteria,
        forbidden=tuple(table.get("forbidden", ())),
        call_seconds=float(table.get("call_seconds", CALL_SECONDS)),
    )
