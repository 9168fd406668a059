"""The exit statuses of `grade`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

DONE, FAILED, USAGE, BROKEN = 0, 1, 2, 3
INTERRUPTED = 130


class Interrupted(Exception):
    """Somebody has stopped the command; Typer would end without a word."""


@contextmanager
def going_on_later() -> Iterator[None]:
    """Say to whoever stops what happens within the block that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("Stopped. The same command goes on from there.") from None


OF_OUTCOME = {Outcome.PASSED: DONE, Outcome.SKIPPED: DONE, Outcome.FAILED: FAILED, Outcome.ERROR: BROKEN}
