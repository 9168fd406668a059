"""Submissions and exercises about doubling a number, without a course around them."""

from __future__ import annotations

from pathlib import Path

from grader.course.model import Exercise, Function
from grader.submission.model import Problem, Submission

GOOD = "def double(number):\n    return 2 * number\n"
UNCHANGED = "def double(number):\n    return number\n"
OTHER = "def halve(number):\n    return number / 2\n"


def exercise_of(*functions: str) -> Exercise:
    """Return an exercise that asks for functions of one number; its first one gives it its name."""
    asked = tuple(Function(name, ("number",), "int", f"def {name}(number)") for name in functions)
    stub = Path("exercises") / "numbers" / f"{functions[0]}.py"
    return Exercise("numbers", functions[0], stub, stub, None, title="Doubling", functions=asked, checks=())


DOUBLE = exercise_of("double")
HALVE = exercise_of("halve")


def problem(submission: Submission, exercise: Exercise = DOUBLE) -> str:
    """Return the sentence that says why an exercise cannot be graded."""
    found = submission.source_of(exercise)
    assert isinstance(found, Problem), found
    return found.sentence
