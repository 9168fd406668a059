"""Tries a student's examples: on their own function, on correct solutions, and on known mistakes, where these are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from grader.checks.assertions import distance
from grader.diagnosis.variants import describe_variant
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.judging import Judging
    from grader.plugin.judge import Judge
    from grader.results import Diagnosis
    from grader.student_examples.reading import Example
    from grader.submission.model import Submission


class Worth(NamedTuple):
    """What examples are worth: those that a correct solution contradicts, and the known mistakes that the others catch.

    `costly` is an example that a correct solution has no time or no memory for, None if there is none; nothing more is
    tried then.
    """

    contradicted: Sequence[Example] = ()
    caught: Sequence[Diagnosis] = ()
    missed: Sequence[Diagnosis] = ()
    costly: Example | None = None


def why_not(grader: Judging, exercise: Exercise, examples: Sequence[Example], work: Submission) -> list[str]:
    """Return of each example why it does not hold for somebody's function, "" if it does."""
    with grader.judged(work, exercise) as judge:
        return [_why_not(judge, exercise, example) for example in examples]


def worth_of(grader: Judging, exercise: Exercise, examples: Sequence[Example]) -> Worth | None:
    """Return what examples are worth, None where there is no correct solution, as in a student's copy.

    On correct solutions, all examples together may take the time of one call.
    """
    if exercise.solution is None:
        return None
    contradicted: set[int] = set()
    for path in (exercise.solution, *exercise.accepted):
        with grader.judged(read_submission(path), exercise) as judge:
            most = judge.call_seconds(exercise)
            for place, example in enumerate(examples):
                try:
                    if place not in contradicted and not _holds(judge, exercise, example):
                        contradicted.add(place)
                except SubmissionError:
                    contradicted.add(place)
                except SubmissionStopped:
                    return Worth(costly=example)
                if judge.session_of(exercise).cpu_seconds > most:
                    return Worth(costly=example)
    right = [example for place, example in enumerate(examples) if place not in contradicted]
    found = {path: _catches(grader, exercise, right, path) for path in exercise.wrong}
    return Worth(
        [examples[place] for place in sorted(contradicted)],
        [describe_variant(path) for path, is_caught in found.items() if is_caught],
        [describe_variant(path) for path, is_caught in found.items() if not is_caught],
    )


def _catches(grader: Judging, exercise: Exercise, right: Sequence[Example], path: Path) -> bool:
    with grader.judged(read_submission(path), exercise) as judge:
        return any(_why_not(judge, exercise, example) for example in right)


def _why_not(judge: Judge, exercise: Exercise, example: Example) -> str:
    try:
        return "" if _holds(judge, exercise, example) else "it returns something else"
    except (SubmissionError, SubmissionStopped) as error:
        return str(error)


def _holds(judge: Judge, exercise: Exercise, example: Example) -> bool:
    returned = getattr(judge.remote(exercise), example.function)(*example.arguments, **example.keywords)
    return is_as_expected(returned, example.expected, example.tolerance)


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
