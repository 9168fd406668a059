"""Writes a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from grader.faults import writing


def write_atomically(
    path: Path,
    content: str | bytes,
    remedy: str = "allow it and its folder to be written.",
    *,
    follow_links: bool = True,
) -> None:
    """Write a file so that nobody ever sees half of it; raise `UsageError` with the remedy if it cannot be written.

    Text is encoded as UTF-8. Of a link, what it leads to is replaced, or without `follow_links` the link itself.
    """
    data = content.encode() if isinstance(content, str) else content
    with writing(path, remedy):
        _replace(path.resolve() if follow_links else path, data)


def _replace(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
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
