"""Writes what a command has to say to the terminal, or whole to a file."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType


def check_writable(path: Path) -> None:
    """Raise `UsageError` if a file cannot be written there, before any work is done for it."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file with -o.")
    if not path.absolute().parent.is_dir():
        raise UsageError(
            f"{path} cannot be written, because there is no folder {path.parent}: name another file with -o."
        )


def write(content: str | RenderableType, path: Path | None) -> None:
    """Write text or a drawing to standard output, or to a file, which is then complete or unchanged.

    Raises `UsageError` if it cannot be written; a reader of standard output that has had enough is none.
    """
    from grader.report.terminal import console

    if path is None and sys.stdout is None:
        return
    if not isinstance(content, str):
        drawing = io.StringIO()
        console(drawing, like=sys.stdout if path is None else None).print(content)
        content = drawing.getvalue().rstrip("\n")
    try:
        if path is None:
            sys.stdout.write(content + "\n")
            sys.stdout.flush()
        elif path.exists() and not path.is_file():  # a device or a pipe, which must not be replaced by a file
            path.write_text(content + "\n", encoding="utf-8")
        else:
            write_atomically(path, content + "\n")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor shall the interpreter's end complain
    except OSError as error:
        name = "The verdict" if path is None else path
        raise UsageError(f"{name} cannot be written ({error.strerror or error}): name another file with -o.") from error


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that nobody ever sees half of it."""
    path = path.resolve()
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
