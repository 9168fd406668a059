"""Opens the files that a submission names, and follows no links: this process may read the answers."""

from __future__ import annotations

import functools
import os
import stat
from typing import TYPE_CHECKING

from grader.faults import LOOK_AGAIN, is_of_the_machine
from grader.submission.entries import LINK, NO_FILE, Entry

if TYPE_CHECKING:
    from pathlib import Path


def entry(path: str, location: Path) -> Entry:
    """Return the entry of a path that a submission holds; only a regular file is ever opened."""
    reader = functools.partial(content, location)
    try:
        mode = location.lstat().st_mode
    except OSError as error:
        return Entry(path, reader, obstacle_of(error))
    if stat.S_ISLNK(mode):
        return Entry(path, reader, LINK)
    if not stat.S_ISREG(mode):
        return Entry(path, reader, NO_FILE)
    return Entry(path, reader)


def content(location: Path, most: int) -> tuple[bytes, str]:
    """Return at most `most` bytes of a file, and why it could not be read ("" if it could)."""
    # The file may have been exchanged since it was looked at: refuse a link, and never wait for a pipe.
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # no system has them all
        flags |= getattr(os, name, 0)
    try:
        with os.fdopen(os.open(location, flags), "rb") as stream:
            return stream.read(most) or b"", ""
    except OSError as error:
        return b"", obstacle_of(error)


def obstacle_of(error: OSError) -> str:
    """Return why a path could not be read; raise the error again if a submission must not be marked down for it."""
    if is_of_the_machine(error):
        raise error
    remedy = LOOK_AGAIN.rstrip(".") if isinstance(error, FileNotFoundError) else "allow it to be read"
    return f"cannot be read ({error.strerror}): {remedy}"
