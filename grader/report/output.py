"""Writes what a command has to say to the terminal, or whole to a file."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.faults import writing

if TYPE_CHECKING:
    from rich.console import RenderableType


_ANOTHER = "name another file with -o."


def check_writable(path: Path) -> None:
    """Raise `UsageError` if a file cannot be written there, before any work is done for it."""
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


def write(content: str | RenderableType, path: Path | None) -> None:
    """Write text or a drawing to standard output, or to a file, which is then complete or unchanged.

    Raises `UsageError` if it cannot be written. If the reader of standard output closes it early, that is not an error.
    """
    from grader.report.terminal import console

    if path is None and sys.stdout is None:
        return
    if not isinstance(content, str):
        drawing = io.StringIO()
        console(drawing, like=sys.stdout if path is None else None).print(content)
        content = drawing.getvalue().rstrip("\n")
    if path is None:
        _print(content + "\n")
        return
    with writing(path, _ANOTHER):
        if _is_special(path):
            with contextlib.suppress(BrokenPipeError):
                path.write_text(content + "\n", encoding="utf-8")
        else:
            write_atomically(path, content + "\n", _ANOTHER)


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor shall the interpreter's end complain
    except OSError as error:
        raise UsageError(f"The verdict cannot be written ({error.strerror or error}): {_ANOTHER}") from error


def write_atomically(path: Path, text: str, remedy: str = "allow it and its folder to be written.") -> None:
    """Write a text file so that nobody ever sees half of it; raise `UsageError` if it cannot be written."""
    with writing(path, remedy):
        _write_atomically(path.resolve(), text)


def _write_atomically(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
