"""What a verdict is: the outcomes, marks and counterexamples of one graded submission, and their JSON."""

import enum
import math
from collections.abc import Iterable
from typing import Literal

import msgspec

SCHEMA = "grader.result/1"

Visibility = Literal["public", "hidden"]


class Outcome(enum.StrEnum):
    """How a check, a criterion, an exercise or a submission ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"  # the grader broke: never the fault of a submission


class Diagnosis(msgspec.Struct, frozen=True):
    """A known mistake whose results equal those of the submission on a failing input.

    `caught_by` is the check that is about it; `agreement` the share of the other calls on which it is equal too.
    """

    variant: str
    title: str
    explanation: str
    caught_by: str = ""
    agreement: float = 1.0


class Picture(msgspec.Struct, frozen=True):
    """A picture of what was expected, or of what came out; `png` is its file, in JSON as base64.

    `description` says in words what is to be seen in a figure, for whoever does not see it.
    """

    label: str
    png: bytes
    description: str = ""


class Call(msgspec.Struct, frozen=True):
    """One call of an example; values are texts as a student reads them.

    `changed` are the arguments that the call before had not. `result` is None for a call alone, or if it raised.
    """

    function: str
    arguments: dict[str, str]
    changed: tuple[str, ...] = ()
    result: str | None = None


class Counterexample(msgspec.Struct, frozen=True):
    """The smallest input on which a check failed; values are texts as a student reads them.

    `difference` and `tolerance` are None where nothing was measured; `printed` is what the call printed. `how` are
    sentences on how a tensor differs from the one expected. `calls` are the last calls of the example, as data.
    `pictures` are there where they say more than numbers.
    """

    call: str
    arguments: dict[str, str]
    expected: str | None
    actual: str | None
    where: str | None
    difference: float | None
    tolerance: float | None
    printed: str
    pictures: tuple[Picture, ...] = ()
    calls: tuple[Call, ...] = ()
    how: tuple[str, ...] = ()


class CheckResult(msgspec.Struct, frozen=True):
    """What became of one check: `title` is what a student reads, `message` is empty if it passed.

    `crashed` says that a call raised or was stopped, so that there was no result to look at. `breadth` is the share of
    the exercise's known mistakes that fail this check, None if that is not known: what few fail is more specific.
    `explanation` says why the answer to a question is what it is, wherever it is known.
    """

    name: str
    title: str
    visibility: Visibility
    outcome: Outcome
    message: str
    seconds: float
    counterexample: Counterexample | None
    diagnosis: tuple[Diagnosis, ...]
    crashed: bool = False
    breadth: float | None = None
    explanation: str = ""


class CriterionResult(msgspec.Struct, frozen=True):
    """The points of one criterion; a `manual` one is pending until a person marks it.

    `remark` says why there are no points although all of its checks passed, or what there is to be decided later.
    """

    title: str
    points: float
    max_points: float
    outcome: Outcome
    visibility: Visibility
    checks: tuple[str, ...]
    manual: bool
    remark: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What a student has written in answer to an exercise: where it stands, and its Markdown as it was handed in."""

    place: str
    text: str


class ExerciseResult(msgspec.Struct, frozen=True):
    """What became of one exercise: every check of its rubric, and the points they make.

    `seed` is the one that its inputs were drawn with, None for the repeatable ones. If a person marks a part of it,
    `answers` are what there is to read, and `unread_answers` sentences on what could not be read.
    """

    lesson: str
    name: str
    points: float
    max_points: float
    outcome: Outcome
    checks: tuple[CheckResult, ...]
    criteria: tuple[CriterionResult, ...]
    seed: int | None = None
    answers: tuple[Answer, ...] = ()
    unread_answers: tuple[str, ...] = ()


class SubmissionInfo(msgspec.Struct, frozen=True):
    """Which submission was graded: its name, and the SHA-256 of its content."""

    name: str
    sha256: str


class CodeLine(msgspec.Struct, frozen=True):
    """A line of code, with the number by which messages name it."""

    number: int
    text: str


class CodeFile(msgspec.Struct, frozen=True):
    """A file of a submission, or a cell of a notebook, as it was graded."""

    path: str
    lines: tuple[CodeLine, ...]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that grading one submission found out.

    `seed` is the one that all inputs were drawn with, None if there was none, or one for each exercise. `model` names
    the real model of tier "gpu", with its device and dtype, and is empty for the tiny one. `code` is what was graded,
    for a report that shows it, else empty.
    """

    schema: str = SCHEMA
    grader: str
    course: str
    submission: SubmissionInfo
    isolation: str
    tier: str
    seed: int | None
    points: float
    max_points: float
    exercises: tuple[ExerciseResult, ...]
    model: str = ""
    code: tuple[CodeFile, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The combined outcome of the exercises; `ValueError` if there is none."""
        return combined_outcome(exercise.outcome for exercise in self.exercises)


class _Header(msgspec.Struct, frozen=True):
    """The one key that says which kind of document follows; unlike a verdict's, it has no default."""

    schema: str


def combined_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome that stands for all: error before failed before passed before skipped.

    Raises:
        ValueError: there is no outcome, and nothing that is absent counts as passed.
    """
    found = set(outcomes)
    for outcome in (Outcome.ERROR, Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED):
        if outcome in found:
            return outcome
    raise ValueError("There is no outcome to combine: an empty verdict is neither passed nor failed.")


def to_json(result: Verdict | ExerciseResult, indent: int = 2) -> str:
    """Return a verdict as JSON text that `schemas/result-1.schema.json` describes, or the part on one exercise.

    JSON has no NaN and no infinity: such a difference or tolerance becomes null, and the check's message
    names it. Lone surrogates, which a submission may print, are written as escapes.

    Raises:
        ValueError: another number (points, seconds) is not finite.
    """
    finite: Verdict | ExerciseResult
    if isinstance(result, Verdict):
        finite = msgspec.structs.replace(result, exercises=tuple(map(_with_finite_checks, result.exercises)))
    else:
        finite = _with_finite_checks(result)
    plain = _encodable(msgspec.to_builtins(finite), "$")
    return msgspec.json.format(msgspec.json.encode(plain), indent=indent).decode()


def from_json(text: str) -> Verdict:
    """Read back what :func:`to_json` wrote; keys that are not known yet are ignored.

    Raises:
        ValueError: the text is no JSON, lacks a key, has a value of a wrong type, or names another schema.
    """
    try:
        schema = msgspec.json.decode(text, type=_Header).schema
        if schema != SCHEMA:
            raise ValueError(f'its schema is "{schema}" where "{SCHEMA}" is needed')
        return msgspec.json.decode(text, type=Verdict)
    except (ValueError, RecursionError) as error:  # every error of msgspec is a ValueError
        raise ValueError(f"The text is not a result of the grader: {error}.") from error


def exercise_from_json(text: str) -> ExerciseResult:
    """Read back what :func:`to_json` wrote of an exercise; raise `ValueError` if the text is no such result."""
    return msgspec.json.decode(text, type=ExerciseResult)


def _with_finite_checks(exercise: ExerciseResult) -> ExerciseResult:
    return msgspec.structs.replace(exercise, checks=tuple(map(_with_finite_numbers, exercise.checks)))


def _with_finite_numbers(check: CheckResult) -> CheckResult:
    """Move a NaN or an infinity from the counterexample's numbers into the check's message."""
    example = check.counterexample
    if example is None:
        return check
    measured = {"difference": example.difference, "tolerance": example.tolerance}
    odd = {name: value for name, value in measured.items() if value is not None and not math.isfinite(value)}
    if not odd:
        return check
    remarks = [f"The {name} is not a finite number: {value}." for name, value in odd.items()]
    finite = msgspec.structs.replace(example, **dict.fromkeys(odd))
    return msgspec.structs.replace(check, message=" ".join([check.message, *remarks]).strip(), counterexample=finite)


def _encodable(value: object, where: str) -> object:
    """Return the tree of plain values with texts that UTF-8 can hold; refuse numbers that JSON cannot."""
    if isinstance(value, dict):
        return {_encodable_text(key): _encodable(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, str):
        return _encodable_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"The verdict holds {value} at {where}: only finite numbers can be written.")
    return value


def _encodable_text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
