"""Tries a student's examples: on their own function, on correct solutions, and on known mistakes, where these are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from grader.checks.assertions import distance
from grader.diagnosis.variants import describe_variant
from grader.grading import warm_grader
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.model import Course, Exercise
    from grader.desk.examples.reading import Example
    from grader.grading import Conditions
    from grader.plugin.judge import Judge
    from grader.results import Diagnosis
    from grader.submission.model import Submission


class Tried(NamedTuple):
    """What became of examples.

    `own` says of each example why it does not hold for the student's function, "" if it does. `contradicted` are those
    that a correct solution contradicts; `caught` are the known mistakes that an example catches which is right, and
    `missed` the others. Without correct solutions, as in a student's copy of a course, these three are None.
    """

    own: Sequence[str]
    contradicted: Sequence[Example] | None
    caught: Sequence[Diagnosis] | None
    missed: Sequence[Diagnosis] | None


def try_examples(
    course: Course, exercise: Exercise, examples: Sequence[Example], submission: Submission, conditions: Conditions
) -> Tried:
    """Try the examples; raise `UsageError` if strict isolation cannot be had."""
    with warm_grader(course, [exercise], conditions) as grader:

        def failing(work: Submission) -> list[str]:
            with grader.judged(work, exercise) as judge:
                return [_why_not(judge, exercise, example) for example in examples]

        own = failing(submission)
        if exercise.solution is None:
            return Tried(own, None, None, None)
        right = [failing(read_submission(path)) for path in (exercise.solution, *exercise.accepted)]
        is_right = [not any(each[place] for each in right) for place in range(len(examples))]
        caught: list[Diagnosis] = []
        missed: list[Diagnosis] = []
        for path in exercise.wrong:
            fails = failing(read_submission(path))
            is_caught = any(why and good for why, good in zip(fails, is_right, strict=True))
            (caught if is_caught else missed).append(describe_variant(path))
        contradicted = [example for example, good in zip(examples, is_right, strict=True) if not good]
        return Tried(own, contradicted, caught, missed)


def _why_not(judge: Judge, exercise: Exercise, example: Example) -> str:
    try:
        returned = getattr(judge.remote(exercise), example.function)(*example.arguments, **example.keywords)
    except (SubmissionError, SubmissionStopped) as error:
        return str(error)
    return "" if is_as_expected(returned, example.expected, example.tolerance) else "it returns something else"


def is_as_expected(value: Any, expected: Any, tolerance: float) -> bool:
    """Tell whether a value is what an example says; numbers may differ by the tolerance, an int must be that int."""
    if isinstance(expected, list | tuple):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(expected)
            and all(is_as_expected(one, other, tolerance) for one, other in zip(value, expected, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(value, dict)
            and value.keys() == expected.keys()
            and all(is_as_expected(value[key], expected[key], tolerance) for key in expected)
        )
    if isinstance(expected, torch.Tensor):
        return isinstance(value, torch.Tensor) and value.shape == expected.shape and _near(value, expected, tolerance)
    if isinstance(expected, float) and isinstance(value, int | float | torch.Tensor) and not isinstance(value, bool):
        number = torch.as_tensor(value, dtype=torch.float64)
        return number.ndim == 0 and _near(number, torch.tensor(expected, dtype=torch.float64), tolerance)
    return type(value) is type(expected) and bool(value == expected)


def _near(value: torch.Tensor, expected: torch.Tensor, tolerance: float) -> bool:
    if value.is_complex() or expected.is_complex():
        return torch.equal(value, expected)
    one, other = value.detach().double(), expected.detach().double()
    finite = other.isfinite()
    if not torch.equal(one.isfinite(), finite) or not torch.equal(
        one[~finite].nan_to_num(), other[~finite].nan_to_num()
    ):
        return False
    return distance(one[finite], other[finite]) <= tolerance
