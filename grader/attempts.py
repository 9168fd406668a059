"""What is noted of each try at an exercise, so that a teacher can learn which messages help: no code and no name.

A copy of a course notes it only if the student agrees, and sends it nowhere; see `grade attempts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader.errors import UsageError
from grader.results import ExerciseResult, Outcome

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "grader.attempts/1"
_REMEDY = "Remove the file, or begin your own anew with `grade attempts --delete`."
MAX_BYTES = 8 * 2**20  # of a file of attempts, which somebody hands over: a year of them is far below


class Attempt(msgspec.Struct, frozen=True):
    """One version of an exercise that was graded, and what became of it.

    `exercise` is `LESSON/NAME`, `work` a hash of the code, `when` a time in ISO 8601. `passed` are names of checks,
    `failed` too, each with the names of the known mistakes that were shown for it.
    """

    exercise: str
    work: str
    when: str
    passed: tuple[str, ...]
    failed: dict[str, tuple[str, ...]]


class Attempts(msgspec.Struct, frozen=True):
    """The attempts of one student, in their order; `noted` tells whether the next one will be added."""

    schema: str = SCHEMA
    noted: bool = False
    attempts: tuple[Attempt, ...] = ()


def attempt_at(result: ExerciseResult, work: str, when: str) -> Attempt:
    """Return what is noted of a result."""
    return Attempt(
        f"{result.lesson}/{result.name}",
        work,
        when,
        tuple(check.name for check in result.checks if check.outcome is Outcome.PASSED),
        {
            check.name: tuple(mistake.variant for mistake in check.diagnosis)
            for check in result.checks
            if check.outcome is Outcome.FAILED
        },
    )


def read_attempts(path: Path) -> Attempts:
    """Return the attempts in a file.

    Raises:
        OSError: it cannot be read.
        UsageError: it was not written by `grade attempts`.
    """
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UsageError(
            f"{path} is larger than {MAX_BYTES // 2**20} MiB: it was not written by `grade attempts`. {_REMEDY}"
        )
    try:
        found = msgspec.json.decode(content, type=Attempts)
    except (ValueError, RecursionError) as error:  # every error of msgspec is a ValueError
        raise UsageError(f"{path} was not written by `grade attempts`: {error}. {_REMEDY}") from error
    if found.schema != SCHEMA:
        raise UsageError(f'{path} has the schema "{found.schema}", not "{SCHEMA}": use the version that wrote it.')
    return found


def written(attempts: Attempts) -> str:
    """Return attempts as JSON, as `read_attempts` reads them."""
    return msgspec.json.format(msgspec.json.encode(attempts), indent=1).decode()
