"""Grades one submission, or the stubs in place, while somebody waits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.course.seeds import Seeds
from grader.diffusion.choice import TINY
from grader.diffusion.request import refuse_unmeasured
from grader.errors import UsageError
from grader.grading import Conditions, warm_grader
from grader.results import Outcome
from grader.sandbox.outside.reader import read_code_cells, read_edited_stubs, read_handin, start_reading
from grader.sandbox.outside.server import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.course.model import Course, Exercise
    from grader.desk.request import Request
    from grader.diffusion.choice import Choice
    from grader.grading import Grader
    from grader.results import Verdict
    from grader.submission.model import Submission

NOTEBOOK = "the notebook"  # what messages call the work in cells


def grade_cold(
    course: Course,
    asked: Request,
    *,
    model: Choice = TINY,
    silent: bool = False,
    prepare: Callable[[Submission], Submission] | None = None,
) -> Verdict:
    """Return the verdict on a submission in this process, with a fork server of its own.

    With a real model and no name, exercises are those that have checks for one. `prepare` may run the work first, and
    refuse it. There is no bar if `silent`.

    Raises:
        UsageError: a name, the submission or a rubric cannot be used, strict isolation cannot be had, or how far
            right solutions stray on the real model's device has not been measured.
    """
    exercises = exercises_of(course, asked)
    if not model.is_tiny:
        refuse_unmeasured(course, model)
        if not asked.exercises:
            exercises = tuple(e for e in exercises if any("gpu" in check.tiers for check in e.checks)) or exercises
    with warm_grader(course, exercises, conditions_of(asked), model) as grader:
        start_reading()  # while this process imports its own libraries
        from grader.report.progress import progress

        work = read_work(course, asked, exercises)
        if prepare is not None:
            work = prepare(work)
        with progress(sum(len(exercise.checks) for exercise in exercises), silent=silent) as finished:
            return grade_each(
                grader.with_figures() if asked.figures else grader,
                work,
                exercises,
                lambda exercise, _check: finished(exercise.name),
                asked.to_first_failure,
            )


def exercises_of(course: Course, asked: Request) -> tuple[Exercise, ...]:
    """Return the exercises that a request names, in its order; raise `UsageError` if there is no such exercise."""
    places = {key: place for place, key in enumerate(asked.exercises)}
    return tuple(sorted(course.select(asked.exercises), key=lambda exercise: places.get(exercise.key, 0)))


def conditions_of(asked: Request) -> Conditions:
    """Return the conditions that a request names."""
    return Conditions(Isolation(asked.isolation), Seeds(asked.seed), asked.call_seconds)


def read_work(course: Course, asked: Request, exercises: Sequence[Exercise]) -> Submission:
    """Read the work that a request names, and of the course the lessons of these exercises.

    Raises:
        UsageError: it cannot be used.
    """
    if asked.cells is not None:
        # As the prompt beside the cell counts them: what a kernel has run, and in which order, no file tells.
        return read_code_cells(NOTEBOOK, ((f"cell [{n}]", text) for n, text in enumerate(asked.cells) if text))
    if asked.submission == "":
        raise UsageError("--submission is empty: give the path of a .py file or a folder.")
    if asked.submission is None:
        return read_edited_stubs(course, {exercise.lesson for exercise in exercises})
    return read_handin(Path(asked.submission))


def grade_each(
    grader: Grader,
    work: Submission,
    exercises: Sequence[Exercise],
    finished: Callable[[Exercise, str], None],
    to_first_failure: bool,
) -> Verdict:
    """Grade all exercises, or each up to the first that does not pass."""
    if not to_first_failure:
        return grader.grade(work, exercises, finished)
    verdicts: list[Verdict] = []
    for exercise in exercises:
        verdicts.append(grader.grade(work, [exercise], finished))
        if verdicts[-1].outcome in (Outcome.FAILED, Outcome.ERROR):
            break
    results = tuple(result for verdict in verdicts for result in verdict.exercises)
    return msgspec.structs.replace(
        verdicts[-1],
        exercises=results,
        points=sum(result.points for result in results),
        max_points=sum(result.max_points for result in results),
    )
