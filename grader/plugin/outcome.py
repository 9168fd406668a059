"""Explains the exception that ended a check: whose fault it is, in which words, on which input."""

from __future__ import annotations

import io
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis.errors
import pytest
import torch

from grader import faults
from grader.checks import CheckFailure, describe
from grader.checks.assertions import Strayed, same
from grader.errors import GraderError, NotAskedError
from grader.pictures.small import small_pictures
from grader.results import Call, Counterexample, Outcome, Picture
from grader.sandbox import limits
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.wire.printed import end_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from grader.course.model import Exercise
    from grader.sandbox.outside.session import Session
    from grader.sandbox.outside.transcript import CallRecord

_BOUNDARY = Path(__file__).parents[1] / "sandbox"
MOST_CALLS = 4
MOST_PRINTED = 1_000
MOST_LINES_PRINTED = 8
LONGEST_SIDE = 256  # of a picture in a report, in pixels


class Explained(NamedTuple):
    """How a check ended, in words a student reads, with the input it failed on.

    `values` are what came out and what was expected, and `path` how far a run has strayed, for whoever draws them.
    """

    outcome: Outcome
    message: str = ""
    counterexample: Counterexample | None = None
    crashed: bool = False
    values: tuple[object, object] | None = None
    path: tuple[Strayed, ...] = ()
    failed: Explained | None = None  # what an error is instead if the same check passes for the solution

    def text(self) -> str:
        """Return all of it as the text of a plain pytest report."""
        if self.counterexample is None:
            return self.message
        found = self.counterexample
        lines = [self.message, "", "Smallest failing input:", found.call]
        lines += [f"{label}: {text}" for label, text in (
            ("expected", found.expected), ("actual", found.actual), ("where", found.where), ("printed", found.printed)
        ) if text]  # fmt: skip
        return "\n".join(lines)


def explain(error: BaseException, exercise: Exercise, session: Session | None) -> Explained:
    """Explain the exception that ended a check; if the submission did not cause it, it is the grader's own error."""
    if isinstance(error, pytest.skip.Exception | NotAskedError):
        return Explained(Outcome.SKIPPED, str(error))
    if isinstance(error, hypothesis.errors.FlakyFailure):
        return _flaky(error, exercise, session)
    if isinstance(error, CheckFailure):
        found = _counterexample(error, exercise, session)
        values, error.values = error.values, None  # the exception is kept to the end of the run, and they may be large
        return Explained(
            Outcome.FAILED, error.sentence, found, values=values if _is_small(values) else None, path=error.path
        )
    if isinstance(error, SubmissionError | SubmissionStopped):
        crashed = isinstance(error, SubmissionStopped) or bool(error.error)
        return Explained(Outcome.FAILED, str(error), _counterexample(None, exercise, session), crashed)
    if isinstance(error, AssertionError | pytest.fail.Exception):
        first_line = str(error).partition("\n")[0]
        return Explained(Outcome.FAILED, first_line, _counterexample(None, exercise, session))
    message = faults.with_hint(f"The grader could not decide this check: {_what_broke(error)}")
    return Explained(Outcome.ERROR, message, failed=_if_the_solution_passes(error, exercise, session))


def _if_the_solution_passes(error: BaseException, exercise: Exercise, session: Session | None) -> Explained | None:
    """Return the failure that an exception in a check is if the submission's answer has caused it.

    None if it cannot have: nothing was answered before, or what broke is the boundary, the machine or pytest.
    """
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    of_ours = any(file.is_relative_to(_BOUNDARY) for file in files) or not any(
        file in exercise.check_sources for file in files
    )
    answered = session is not None and any(call.error is None for call in session.transcript.example)
    if of_ours or not answered or isinstance(error, OSError | MemoryError) or not isinstance(error, Exception):
        return None
    message = f"This check cannot work with what your code returned: {faults.reason(error)}"
    return Explained(Outcome.FAILED, message, _counterexample(None, exercise, session))


def _flaky(error: hypothesis.errors.FlakyFailure, exercise: Exercise, session: Session | None) -> Explained:
    """Explain a failure that did not happen again; if it was a fault of the grader, the function is not accused."""
    for each in error.exceptions:
        explained = explain(each, exercise, session)
        if explained.outcome is Outcome.ERROR:
            return explained
    message = (
        "The same input gave different results in two calls. "
        "Does the function keep state between calls, or use random numbers?"
    )
    return Explained(Outcome.FAILED, message, _counterexample(None, exercise, session))


def _counterexample(failure: CheckFailure | None, exercise: Exercise, session: Session | None) -> Counterexample | None:
    calls = [call for call in session.transcript.example if not call.question.call.reader] if session else []
    if not calls:
        return None
    shown = _calls(calls[-MOST_CALLS:], exercise)
    return Counterexample(
        call="\n".join(_as_text(call) for call in shown),
        arguments=shown[-1].arguments,
        expected=failure.expected if failure else None,
        actual=failure.actual if failure else None,
        where=failure.where if failure else None,
        difference=failure.difference if failure else None,
        tolerance=failure.tolerance if failure else None,
        printed=end_of(calls[-1].printed, MOST_PRINTED, most_lines=MOST_LINES_PRINTED),
        pictures=_pictures(failure) if failure else (),
        calls=shown,
        how=failure.how if failure else (),
    )


def _calls(records: Sequence[CallRecord], exercise: Exercise) -> tuple[Call, ...]:
    """Return calls as texts; where there are several, with their results and what is different about each."""
    shown: list[Call] = []
    for record in records:
        function, arguments = record.question.call.function, _arguments(record, exercise)
        before = shown[-1] if shown and shown[-1].function == function else None
        changed = _changed(records[len(shown) - 1], record, exercise) if before else ()
        result = describe(record.result) if len(records) > 1 and record.error is None else None
        shown.append(Call(function, arguments, changed, result))
    return tuple(shown)


def _changed(before: CallRecord, after: CallRecord, exercise: Exercise) -> tuple[str, ...]:
    """Return the names of the arguments in which two calls differ, by what they are and not by how they read."""
    earlier, later = values_of(before, exercise), values_of(after, exercise)
    return tuple(name for name in later if name not in earlier or not same(later[name], earlier[name]))


def _pictures(failure: CheckFailure) -> tuple[Picture, ...]:
    found = failure.pictures or small_pictures(failure.values)
    return tuple(Picture(label, _png(image)) for label, image in found.items())


def _is_small(values: tuple[object, object] | None) -> bool:
    tensors = [value for value in values or () if isinstance(value, torch.Tensor)]
    return sum(tensor.nbytes for tensor in tensors) < limits.KEPT_EXAMPLE_BYTES


def _png(image: Image) -> bytes:
    shown = image.copy()
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    file = io.BytesIO()
    shown.save(file, "png")
    return file.getvalue()


def values_of(call: CallRecord, exercise: Exercise) -> dict[str, Any]:
    """Return the arguments of a call by the names that the stub gives them."""
    positional, named = call.question.arguments()
    parameters = next((f.parameters for f in exercise.functions if f.name == call.question.call.function), ())
    names = [*parameters, *(f"argument {n + 1}" for n in range(len(parameters), len(positional)))]
    return dict([*zip(names, positional, strict=False), *named.items()])


def _arguments(call: CallRecord, exercise: Exercise) -> dict[str, str]:
    return {name: describe(value) for name, value in values_of(call, exercise).items()}


def _as_text(call: Call) -> str:
    return f"{call.function}({', '.join(f'{name}={text}' for name, text in call.arguments.items())})"


def _what_broke(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    if isinstance(error, GraderError) or not frame:
        return faults.reason(error)
    return f"{faults.reason(error)} It was raised in {frame[0].filename}, line {frame[0].lineno}."
