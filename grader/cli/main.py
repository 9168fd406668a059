"""Runs the command: every end of it is an exit status, and a sentence instead of a traceback.

Nothing here imports torch, pytest or Hypothesis before an exercise is graded: help and listing answer at once.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import NoReturn

from grader import faults
from grader.cli import (  # noqa: F401 - each adds its commands
    class_commands,
    course_commands,
    desk_commands,
    gradebook_commands,
    grading_command,
    mark_commands,
)
from grader.cli.app import app
from grader.cli.status import BROKEN, DONE, INTERRUPTED, USAGE
from grader.errors import UsageError


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
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a tick shows a question mark
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else DONE
    except UsageError as error:
        return _say(USAGE, str(error))
    except KeyboardInterrupt:
        return _say(INTERRUPTED, "Stopped.")
    except Exception as error:
        faults.show(error)
        return _say(BROKEN, faults.sentence(error))
    return DONE


def _say(status: int, sentence: str) -> int:
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"grade: {sentence}", file=sys.stderr)
    return status
