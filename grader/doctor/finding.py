"""What the doctor found out in one check, and the remedy."""

from __future__ import annotations

import enum
import shlex
import sys
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized


class State(enum.StrEnum):
    """How bad it is: with a warning something works less well, with a problem the grader does not work as it should."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class Finding(msgspec.Struct, frozen=True):
    """One line of the report; `remedy` is "" where nothing is to be done, or where `found` says it already."""

    name: str
    state: State
    found: str
    remedy: str = ""


def any_problem(findings: Sequence[Finding]) -> bool:
    """Tell whether anything was found that must be repaired."""
    return any(finding.state is State.PROBLEM for finding in findings)


def pip(arguments: str) -> str:
    """Return the command line that runs pip for this Python, whichever `pip` comes first on somebody's path."""
    return f"{shlex.quote(sys.executable)} -m pip {arguments}"


def count(things: Sized, word: str) -> str:
    """Return how many things there are, with the word for one of them: "1 lesson", "5 lessons"."""
    return f"{len(things)} {word}" + ("s" if len(things) != 1 else "")


def listed(texts: Sequence[str], most: int = 6) -> str:
    """Return texts with commas between them, no more than `most` of them."""
    more = f", and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
