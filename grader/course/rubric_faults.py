"""Looks for what is wrong with a rubric: against the course, and in its sums."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from grader.course.schema_faults import Fault, as_toml, suggestion
from grader.course.sources import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.course.model import Check, Exercise, Lesson
    from grader.course.rubric import Criterion, ExerciseRubric
    from grader.course.toml_lines import KeyPath


def course_faults(
    points: float, rubrics: Mapping[str, ExerciseRubric], lesson: Lesson, students_copy: bool
) -> Iterator[Fault]:
    """Yield what does not fit the course, or does not add up."""
    exercises = {exercise.name: exercise for exercise in lesson.exercises}
    for name in rubrics:
        if name not in exercises:
            is_lost = (lesson.folder / "checks" / f"test_{name}.py").exists()
            back = f"if it was deleted or renamed, `grade reset {name}` puts it back."
            remedy = back if is_lost else suggestion(name, exercises, "write the stub or remove the table.")
            what = "are no questions" if name == QUESTIONS else "is no stub"
            place = f"exercises/{lesson.name}/{name}.{'toml' if name == QUESTIONS else 'py'}"
            yield Fault(("exercises", name), f"there {what} {place}: {remedy}")
    for name, exercise in exercises.items():
        if name not in rubrics:
            yield Fault(("exercises",), f"exercise `{name}` has no points: add a table [exercises.{name}].")
        else:
            yield from _exercise_faults(rubrics[name], exercise, students_copy)
    total = math.fsum(rubric.points for rubric in rubrics.values())
    if not math.isclose(points, total, abs_tol=1e-9):
        yield Fault(
            ("points",),
            f"key `points` is {points:g}, but those of the exercises add up to {total:g}: make them equal.",
        )


def _exercise_faults(rubric: ExerciseRubric, exercise: Exercise, students_copy: bool) -> Iterator[Fault]:
    key: KeyPath = ("exercises", exercise.name)
    known = {check.name: check for check in exercise.checks}
    first: dict[str, int] = {}
    for index, criterion in enumerate(rubric.criteria):
        here = (*key, "criteria", index)
        yield from _criterion_faults(here, criterion)
        if criterion.examples:
            yield from _faults_of_examples(here, criterion, exercise, students_copy)
            if criterion is not rubric.of_examples:
                yield Fault((*here, "examples"), "another criterion is about a student's own examples: keep one.")
            continue
        for name in criterion.checks:
            earlier = first.setdefault(name, index)
            if earlier != index:
                title = as_toml(rubric.criteria[earlier].title)
                sentence = f"check `{name}` is already in the criterion {title}: keep it in one."
                yield Fault((*here, "checks"), sentence)
            # A student's copy cannot tell a hidden check from a misspelt one; it has the names of all questions.
            elif name in known or exercise.is_questions or not (students_copy and criterion.visibility == "hidden"):
                yield from _check_faults(here, criterion, name, known, is_question=exercise.is_questions)
    for name in known if not exercise.is_questions else ():  # a practice question is worth nothing
        if name not in first:
            yield Fault(key, f"check `{name}` is in no criterion: add it to the `checks` of one.")
    alone = [criterion for criterion in rubric.criteria if not (criterion.beside_others or criterion.manual)]
    if not alone and any(criterion.beside_others for criterion in rubric.criteria):
        yield Fault(key, "every criterion counts only beside others: take `beside_others` out of one.")
    total = math.fsum(criterion.points for criterion in rubric.criteria)
    if not math.isclose(rubric.points, total, abs_tol=1e-9):
        sentence = f"key `points` is {rubric.points:g}, but the criteria add up to {total:g}: make them equal."
        yield Fault((*key, "points"), sentence)


def _criterion_faults(key: KeyPath, criterion: Criterion) -> Iterator[Fault]:
    if criterion.manual and criterion.checks:
        what = "is about examples" if criterion.examples else "has checks"
        yield Fault(
            (*key, "manual"),
            f"the criterion {as_toml(criterion.title)} is manual and {what}: remove one of the two.",
        )
    if not criterion.manual and not criterion.checks:
        title = as_toml(criterion.title)
        yield Fault(key, f"the criterion {title} has no checks: name some, or set `manual = true`.")


def _faults_of_examples(key: KeyPath, criterion: Criterion, exercise: Exercise, students_copy: bool) -> Iterator[Fault]:
    title = as_toml(criterion.title)
    if len(criterion.checks) > 1:
        sentence = f"the criterion {title} is about a student's own examples and has checks: remove one of the two."
        yield Fault((*key, "examples"), sentence)
    if criterion.tier != "cpu":
        yield Fault((*key, "tier"), f"the criterion {title} is about examples, which need no real model: remove it.")
    if exercise.is_questions:
        yield Fault((*key, "examples"), f"the criterion {title} asks for examples, and questions have none: remove it.")
    elif not (students_copy or exercise.wrong):
        place = f"reference/{exercise.key}/wrong/"
        yield Fault((*key, "examples"), f"there are no mistakes that examples could catch: write some in {place}.")


def _check_faults(
    key: KeyPath, criterion: Criterion, name: str, known: Mapping[str, Check], *, is_question: bool
) -> Iterator[Fault]:
    if name not in known:
        what = "question" if is_question else "check"
        remedy = suggestion(name, known, f"correct the name or write the {what}.")
        yield Fault((*key, "checks"), f"{what} `{name}` does not exist: {remedy}")
        return
    if not is_question and known[name].visibility != criterion.visibility:
        yield Fault(
            (*key, "visibility"),
            f'key `visibility` is "{criterion.visibility}", but check `{name}` is {known[name].visibility}: '
            "put checks of both kinds into criteria of their own.",
        )
    if criterion.tier not in known[name].tiers:
        only = " and ".join(f'"{tier}"' for tier in known[name].tiers)
        remedy = 'say tier = "gpu"' if criterion.tier == "cpu" else 'mark it @pytest.mark.tier("cpu", "gpu")'
        yield Fault(
            (*key, "checks"),
            f'the criterion is of tier "{criterion.tier}", but check `{name}` runs on tier {only} only: {remedy}.',
        )
