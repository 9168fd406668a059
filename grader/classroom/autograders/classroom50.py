"""Grades a student's checkout where Classroom 50 runs its autograders, and writes the `result.json` that it reads.

These autograders are published, and the job that grades also publishes: only public checks belong here.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from grader.atomic import write_atomically
from grader.classroom.autograders.settings import NAME, read_settings
from grader.classroom.autograders.single import Submitted, marks_of_one
from grader.classroom.export import Wanted
from grader.classroom.formats.classroom50 import result_of
from grader.classroom.policy import Policy
from grader.course.finding import find_course
from grader.course.seeds import Seeds
from grader.errors import GraderError, UsageError
from grader.grading import Conditions, warm_grader
from grader.results import Outcome
from grader.sandbox.outside.reader import read_handin
from grader.sandbox.outside.server import Isolation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from grader.classroom.autograders.settings import Settings
    from grader.course.model import Course
    from grader.results import Verdict

RESULT, BODY = "result.json", "release-body.md"
_SAID = {  # what Classroom 50 wants to read again, by the variable that says it
    "classroom": "CLASSROOM", "assignment": "ASSIGNMENT", "submission": "SUBMISSION_TAG", "commit": "COMMIT_URL",
    "release": "RELEASE_URL", "review": "REVIEW_URL",
}  # fmt: skip


def grade_checkout(autograder: Path, checkout: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Grade a checkout by the autograder in a folder, and return a sentence on it; failed checks are no error.

    Raises:
        UsageError: the autograder cannot be read, strict isolation cannot be had, or this is not Classroom 50.
        GraderError: the grader broke.
    """
    missing = [name for name in ("CLASSROOM", "ASSIGNMENT", "USERNAME") if not environment.get(name)]
    if missing:
        raise UsageError(f"{', '.join(missing)} is not set: this is run by Classroom 50.")
    settings, course = read_settings(autograder / NAME), find_course(autograder / "course")
    if any(exercise.reference is not None for exercise in course.exercises):
        raise UsageError(f"{course.root} has answers, and whatever Classroom 50 runs is published: make it anew.")
    verdict, problem = _graded(course, settings, checkout)
    said = {name: environment.get(variable, "") for name, variable in _SAID.items()}
    result = _result(course, verdict, environment["USERNAME"], said, problem)
    write_atomically(checkout / RESULT, json.dumps(result, indent=2), follow_links=False)
    write_atomically(checkout / BODY, _body(verdict, problem), follow_links=False)
    return f"{result['score']} of {result['max-score']}, isolation {verdict.isolation if verdict else 'not needed'}."


def _graded(course: Course, settings: Settings, checkout: Path) -> tuple[Verdict | None, str]:
    try:
        submission = read_handin(checkout)
    except UsageError as error:
        return None, str(error)
    exercises = course.select(settings.exercises)
    conditions = Conditions(Isolation(settings.isolation), Seeds(secret=settings.secret))
    with warm_grader(course, exercises, conditions) as grader:
        verdict = grader.grade(submission, exercises)
    if verdict.outcome is Outcome.ERROR:
        raise GraderError("The grader broke on this submission, so there is no result: run it again.")
    return verdict, ""


def _result(
    course: Course, verdict: Verdict | None, student: str, said: Mapping[str, str], problem: str
) -> dict[str, Any]:
    moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if verdict is None:
        failed = {"test-name": "Reading the submission", "passed": False, "score": 0, "max-score": 0, "output": problem}
        return {
            "schema": "classroom50/result/v1",
            **said,
            "datetime": moment,
            "score": 0,
            "max-score": 0,
            "tests": [failed],
        }
    results = {(exercise.lesson, exercise.name): exercise for exercise in verdict.exercises}
    marks, one = marks_of_one(course, Policy(), Submitted((student,), moment), results, verdict.isolation)
    assignment = f"{said['classroom']}/{said['assignment']}"
    return {**result_of(marks._replace(wanted=Wanted(assignment=assignment)), one), **said, "datetime": moment}


def _body(verdict: Verdict | None, problem: str) -> str:
    from grader.report.formats.markdown import markdown, plain

    return (markdown(verdict) if verdict is not None else plain(problem)) + "\n"
