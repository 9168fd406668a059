"""Writes what a command has to say to standard output, or whole to a file."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TYPE_CHECKING

from grader.atomic import write_atomically
from grader.errors import UsageError
from grader.faults import writing
from grader.report.workflow_commands import for_runner

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from rich.console import RenderableType

_ANOTHER = "name another file with -o."


class Output:
    """Where a command writes: standard output, or a file that is complete afterwards or left unchanged."""

    def __init__(self, path: Path | None = None) -> None:
        """Raise `UsageError` if a file cannot be written there, before any work is done for it."""
        self._path = path
        if path is not None:
            _check_writable(path)

    def write(self, content: str | RenderableType | None) -> None:
        """Write text or a drawing and a line end after it, or nothing for None.

        Raises `UsageError` if it cannot be written. If the reader of standard output closes it early, that is not an
        error.
        """
        if content is None:
            return
        if self._path is not None:
            text = content if isinstance(content, str) else _drawn(content)
            _write_file(self._path, text + "\n")
        elif sys.stdout is not None:
            _print(for_runner(content if isinstance(content, str) else _drawn(content, like=sys.stdout)) + "\n")


def say(content: str | RenderableType) -> None:
    """Write text or a drawing to standard output."""
    Output().write(content)


def _check_writable(path: Path) -> None:
    with writing(path, _ANOTHER):
        if path.is_dir():
            raise UsageError(f"{path} is a folder: name a file with -o.")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"{path} cannot be written, because there is no folder {path.parent}: {_ANOTHER}")
        if not os.access(path if _is_special(path) else path.absolute().parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _is_special(path: Path) -> bool:
    """Tell a device or a pipe, which must not be replaced by a file."""
    return path.exists() and not path.is_file()


def _drawn(content: RenderableType, like: TextIO | None = None) -> str:
    from grader.report.console import console

    drawing = io.StringIO()
    console(drawing, like=like).print(content)
    return drawing.getvalue().rstrip("\n")


def _write_file(path: Path, text: str) -> None:
    with writing(path, _ANOTHER):
        if _is_special(path):
            with contextlib.suppress(BrokenPipeError):
                path.write_text(text, encoding="utf-8")
        else:
            write_atomically(path, text, _ANOTHER)


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor shall the interpreter's end complain
    except OSError as error:
        raise UsageError(f"The output cannot be written ({error.strerror or error}): {_ANOTHER}") from error
