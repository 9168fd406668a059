"""Grades one submission, or the stubs in place, while somebody waits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.diffusion.choice import TINY
from grader.errors import UsageError
from grader.grading import warm_grader
from grader.sandbox.outside.reader import read_edited_stubs, read_handin, start_reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.model import Course
    from grader.diffusion.choice import Choice
    from grader.grading import Conditions
    from grader.results import Verdict
    from grader.submission.model import Submission


def grade_work(
    course: Course,
    names: Sequence[str],
    submission: str | None,
    conditions: Conditions,
    *,
    model: Choice = TINY,
    execute: bool = False,
) -> Verdict:
    """Return the verdict on a submission, or on the stubs in place if None is given.

    `names` are exercises or lessons, all of them if empty; with a real model, those that have checks for one.
    `execute` runs the whole notebook first: it is not graded if it does not run to its end.

    Raises:
        UsageError: a name, the submission or a rubric cannot be used, strict isolation cannot be had, or how far
            right solutions stray on the real model's device has not been measured.
    """
    exercises = course.select(names)
    if not model.is_tiny:
        _refuse_unmeasured(course, model)
        if not names:
            exercises = tuple(e for e in exercises if any("gpu" in check.tiers for check in e.checks)) or exercises
    with warm_grader(course, exercises, conditions, model) as grader:
        start_reading()  # while this process imports its own libraries
        from grader.report.progress import progress

        work = _read(submission, course)
        if execute:
            from grader.notebook.execute import refused_unless_it_runs

            work = refused_unless_it_runs(work, Path(submission or ""), conditions.isolation)
        with progress(sum(len(exercise.checks) for exercise in exercises)) as finished:
            return grader.grade(work, exercises, lambda exercise, _check: finished(exercise.name))


def _refuse_unmeasured(course: Course, real: Choice) -> None:
    from grader.diffusion.tolerances import command, table

    if not table(course.root).covers(real.device, real.dtype):
        raise UsageError(
            f"Tolerances for {real.device} in {real.dtype} have not been measured yet: run `{command(real)}` once, "
            "which takes minutes."
        )


def _read(path: str | None, course: Course) -> Submission:
    if path == "":
        raise UsageError("--submission is empty: give the path of a .py file or a folder.")
    return read_edited_stubs(course) if path is None else read_handin(Path(path))
