"""Runs a course notebook, confined, and grades what of it is solved: what its author has written has to pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.authoring.linting.check import DOES_NOT_RUN, SOLUTION
from grader.authoring.linting.findings import Finding, Spot
from grader.authoring.linting.notebook import read
from grader.course.finding import find_course
from grader.errors import UsageError
from grader.grading import Conditions, warm_grader
from grader.notebook.execute import why_it_does_not_run
from grader.report.failures import unwritten
from grader.results import Outcome
from grader.submission.notebook.magics import exercise_of
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from grader.course.model import Course, Exercise
    from grader.results import ExerciseResult
    from grader.sandbox.outside.server import Isolation

_CELL = re.compile(r"cell (\d+)(?:, line (\d+))?")


def check_by_running(path: Path, isolation: Isolation) -> list[Finding]:
    """Return what keeps a notebook from running to its end; if nothing does, which solved exercises do not pass.

    Raises:
        UsageError: it is no notebook, there is no kernel, or strict isolation cannot be had.
        GraderError: the grader broke.
    """
    if why := why_it_does_not_run(path.name, path.read_bytes(), isolation):
        found = _CELL.search(why)
        place = (int(found[1]), int(found[2] or 1)) if found else (1, 1)
        return [Finding(str(path), DOES_NOT_RUN, Spot(*place, why, "Correct the cell."))]
    return [Finding(str(path), SOLUTION, spot) for spot in _unsolved(path, isolation)]


def _unsolved(path: Path, isolation: Isolation) -> Iterator[Spot]:
    cells = {name: cell.number for cell in read(path).code if (name := exercise_of(cell.text))}
    try:
        course = find_course(path.absolute().parent)
    except UsageError:  # it belongs to none: nothing here can be graded
        return
    exercises = [exercise for exercise in course.exercises if exercise.name in cells]
    if not exercises:
        return
    for result in _results(course, path, exercises, isolation):
        if result.outcome is Outcome.FAILED and not unwritten(result):
            failed = next(check for check in result.checks if check.outcome is Outcome.FAILED)
            why = f"{result.name} does not pass: {failed.message}"
            yield Spot(cells[result.name], 1, why, "Correct the solution.")


def _results(
    course: Course, path: Path, exercises: Sequence[Exercise], isolation: Isolation
) -> tuple[ExerciseResult, ...]:
    with warm_grader(course, exercises, Conditions(isolation)) as grader:
        return grader.grade(read_submission(path), exercises, diagnosed=()).exercises
