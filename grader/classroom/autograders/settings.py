"""What the author of an autograder has decided, as it lies beside the course in what the platform got."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "grader.autograder/1"
NAME = "autograder.json"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How an autograder grades.

    `exercises` are names of exercises or lessons, all for none. Inputs are drawn by the `secret`. With isolation
    "auto", workers are only kept apart by their user where the kernel has no Landlock; "strict" refuses to run there.
    Of more than `attempts` submissions the later ones are not graded (None: all are). With `count_hidden`, students
    read at once how many hidden checks passed. No exercise is begun after `seconds`; a worker gets `memory_mb` MiB.
    """

    schema: str = SCHEMA
    exercises: tuple[str, ...] = ()
    secret: str = ""
    isolation: Literal["strict", "auto"] = "strict"
    attempts: int | None = None
    count_hidden: bool = False
    seconds: float = 540.0
    memory_mb: int = 512
    user: str = "student"


def read_settings(path: Path) -> Settings:
    """Return the settings in a file; raise `UsageError` if they cannot be read or mean nothing."""
    remedy = "make the autograder anew with `grade release --platform`."
    try:
        with reading(path, remedy):
            found = msgspec.json.decode(path.read_bytes(), type=Settings)
        if found.schema != SCHEMA:
            raise ValueError(f'its schema is "{found.schema}"')
    except ValueError as error:  # every error of msgspec is a ValueError
        raise UsageError(f"{path} cannot be read ({error}): {remedy}") from error
    return found
