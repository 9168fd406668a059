"""A course of which a person marks a part, and the answers in text that are found in a submission to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.finding import find_course
from grader.results import ExerciseResult, SubmissionInfo, Verdict
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from grader.course.model import Course, Exercise
    from grader.submission.model import Submission

OWN = "Doubling costs 2 numbers."
PAGE = "# Numbers\n\nWhat the course says about `double`.\n\n## double: how\n\nThe statement.\n\n* [`double`](double.py): the item.\n"
RUBRIC = """schema = "grader.rubric/1"
title = "Doubling"
points = 20

[exercises.double]
points = 10

[[exercises.double.criteria]]
title = "Numbers"
points = 2
visibility = "public"
checks = ["test_double_of_two"]

[[exercises.double.criteria]]
title = "Negative numbers"
points = 5
visibility = "hidden"
checks = ["test_double_of_minus_three"]

[[exercises.double.criteria]]
title = "The comparison"
points = 3
visibility = "public"
manual = true

[exercises.halve]
points = 10

[[exercises.halve.criteria]]
title = "Numbers"
points = 4
visibility = "public"
checks = ["test_halve_of_two"]

[[exercises.halve.criteria]]
title = "Negative numbers"
points = 6
visibility = "hidden"
checks = ["test_halve_of_minus_three"]
"""
Files = dict[str, "str | bytes"]


def course_to_answer(root: Path) -> Course:
    """Write a course with two exercises; a person marks a part of the first."""
    changes: dict[str, str | None] = {"rubrics/numbers.toml": RUBRIC, "exercises/numbers/README.md": PAGE}
    return find_course(make_course(root, ["numbers/double", "numbers/halve"], changes=changes))


def answers(submission: Submission, exercise: Exercise) -> list[tuple[str, str]]:
    return [(answer.place, answer.text) for answer in submission.answers_to(exercise)]


def whole(*results: ExerciseResult) -> Verdict:
    return Verdict(
        grader="0", course="c", submission=SubmissionInfo("alice", "0"), isolation="strict", tier="cpu", seed=None,
        points=0.0, max_points=10.0, exercises=results,
    )  # fmt: skip
