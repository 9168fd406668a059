"""Writes a file, or a folder of files, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from grader.faults import writing

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    with writing(path, remedy), file_atomically(path.resolve() if follow_links else path) as file:
        file.write(data)


@contextmanager
def file_atomically(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write to, which takes the place of `path` at the end, and is deleted after an exception."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


@contextmanager
def folder_atomically(path: Path) -> Iterator[Path]:
    """Yield a folder to fill, which becomes `path` at the end, and is deleted after an exception.

    At `path` there must be nothing, or an empty folder.
    """
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        temporary.replace(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
