"""Runs the command: every end of it is an exit status, and a sentence instead of a traceback.

Nothing here imports torch, pytest or Hypothesis before an exercise is graded: help and listing answer at once.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from grader import faults
from grader.cli.quick import COMMANDS, quick
from grader.cli.status import BROKEN, DONE, INTERRUPTED, USAGE, Interrupted
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> NoReturn:
    """Run the command and exit."""
    status = run()
    if "torch" in sys.modules:  # which takes a fifth of a second to take itself apart, and everything is written
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(status)
    sys.exit(status)


def run() -> int:
    """Run the command and return its exit status; end in one sentence instead of a traceback.

    What users did has become a `UsageError` by now (see `grader.faults`), so every other exception is the grader's own.
    With `GRADE_DEBUG=1` in the environment, its traceback is shown too.

    Raises:
        ImportError: a library is missing without which no arguments can be read.
    """
    command = quick(sys.argv[1:]) or _parsed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a tick shows a question mark
    try:
        return command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else DONE
    except UsageError as error:
        return _say(USAGE, str(error))
    except (Interrupted, KeyboardInterrupt) as stopped:
        return _say(INTERRUPTED, str(stopped) or "Stopped.")
    except Exception as error:
        faults.show(error)
        return _say(BROKEN, faults.sentence(error))


def _parsed() -> Callable[[], int]:
    """Return what a command line does that has options."""
    import grader.cli.commands  # noqa: F401 - it adds them
    from grader.cli.app import GRADING, app, for_one_command

    first = sys.argv[1] if len(sys.argv) > 1 else ""
    return for_one_command(app, first if first in COMMANDS else GRADING)


def _say(status: int, sentence: str) -> int:
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"grade: {sentence}", file=sys.stderr)
    return status
