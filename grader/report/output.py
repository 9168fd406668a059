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


def write(content: str | RenderableType, path: Path | None) -> None:
    """Write text or a drawing to standard output, or to a file, which is then complete or unchanged.

    Raises `UsageError` if the file cannot be written.
    """
    from grader.report.terminal import console

    if path is None:
        if isinstance(content, str):
            sys.stdout.write(content + "\n")
        else:
            console(sys.stdout).print(content)
        return
    if not isinstance(content, str):
        drawing = io.StringIO()
        console(drawing).print(content)
        content = drawing.getvalue().rstrip("\n")
    try:
        write_atomically(path, content + "\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror or error}): name another file with -o.") from error


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
