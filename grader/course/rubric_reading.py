"""Reads and validates the rubrics of a course, one TOML file a lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.course.rubric import CALL_SECONDS, EXAMPLES, Criterion, ExerciseRubric
from grader.course.rubric_faults import course_faults
from grader.course.schema_faults import suggestion
from grader.course.toml_file import read_toml
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from grader.course.model import Course, Lesson

POLICY = (
    "policy"  # rubrics/policy.toml belongs to no lesson: it says when work is due (see `grader.classroom.policy_file`)
)


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
    if POLICY in known:
        raise RubricError(
            f"rubrics/{POLICY}.toml:1: this file is for the policy of the course, not for a lesson: give "
            f"exercises/{POLICY} another name."
        )
    expected = (*known, POLICY)
    for path in sorted((course.root / "rubrics").glob("*.toml")):
        if path.stem not in expected:
            remedy = suggestion(path.stem, expected, "correct the name or remove the file.")
            raise RubricError(f"rubrics/{path.name}:1: there is no lesson exercises/{path.stem}: {remedy}")


def _load(course: Course, lesson: Lesson) -> dict[str, ExerciseRubric]:
    place = lesson.rubric.relative_to(course.root).as_posix()
    with reading(lesson.rubric):
        if not lesson.rubric.exists():
            raise RubricError(f"{place} is missing: create it, and write down what the lesson's checks are worth.")
    read = read_toml(lesson.rubric, place, "rubric-1.schema.json", RubricError)
    after = read.data.get("locate_after", 0)
    rubrics = {name: _exercise_rubric(table, after) for name, table in read.data["exercises"].items()}
    if lesson.questions is not None:  # of which perhaps none counts
        rubrics.setdefault(lesson.questions.name, ExerciseRubric(0.0, ()))
    students_copy = not (course.root / "reference").is_dir()
    read.refuse(course_faults(read.data["points"], rubrics, lesson, students_copy))
    return rubrics


def _exercise_rubric(table: Mapping[str, Any], locate_after: int) -> ExerciseRubric:
    criteria = tuple(
        Criterion(
            title=criterion["title"],
            points=float(criterion["points"]),
            visibility=criterion["visibility"],
            checks=(*criterion.get("checks", ()), *([EXAMPLES] if "examples" in criterion else [])),
            tier=criterion.get("tier", "cpu"),
            manual=criterion.get("manual", False),
            beside_others=criterion.get("beside_others", False),
            examples=float(criterion.get("examples", 0.0)),
        )
        for criterion in table["criteria"]
    )
    return ExerciseRubric(
        points=float(table["points"]),
        criteria=criteria,
        forbidden=tuple(table.get("forbidden", ())),
        call_seconds=float(table.get("call_seconds", CALL_SECONDS)),
        locate_after=locate_after,
    )
