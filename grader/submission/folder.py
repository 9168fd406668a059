"""Finds the source files below a folder, following no links."""

from __future__ import annotations

import functools
import os
import stat
from typing import TYPE_CHECKING

from grader.faults import is_of_the_machine
from grader.submission import files
from grader.submission.files import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SKIPPED_FOLDERS = {"__pycache__", "__MACOSX", "node_modules"}
ENVIRONMENT_MARK = "pyvenv.cfg"  # a folder that holds it is a virtual environment
LINK = "is a symbolic link, which is not followed: hand in the file itself"
NO_FILE = "is no regular file: hand in a file of Python source"


def entries(root: Path) -> Iterator[Entry]:
    """Yield the source files below a folder, and the folders that cannot be opened.

    Walks with a list of its own: `os.walk` recurses, and a thousand nested folders would end it.
    """
    folders = [("", root)]
    found = 0
    while folders and found <= files.MAX_FILES:
        prefix, folder = folders.pop()
        try:
            with os.scandir(folder) as scan:
                listed = sorted(scan, key=lambda item: item.name)
        except OSError as error:
            if not prefix:
                raise
            yield Entry(prefix, functools.partial(content, folder), f"is a folder and {_obstacle(error)}")
            continue
        for item in listed:
            path = f"{prefix}/{item.name}" if prefix else item.name
            location = folder / item.name
            if item.name.startswith("."):
                continue
            if item.is_dir(follow_symlinks=False):
                if item.name not in SKIPPED_FOLDERS and not os.path.lexists(location / ENVIRONMENT_MARK):
                    folders.append((path, location))
            elif item.name.endswith(files.SUFFIXES):
                found += 1
                yield entry(path, location)


def entry(path: str, location: Path) -> Entry:
    """Return the entry of a path that a submission holds; only a regular file is ever opened."""
    reader = functools.partial(content, location)
    try:
        mode = location.lstat().st_mode
    except OSError as error:
        return Entry(path, reader, _obstacle(error))
    if stat.S_ISLNK(mode):
        return Entry(path, reader, LINK)
    if not stat.S_ISREG(mode):
        return Entry(path, reader, NO_FILE)
    return Entry(path, reader)


def content(location: Path, most: int) -> tuple[bytes, str]:
    """Return at most so many bytes of a file, and why it could not be read ("" if it could)."""
    # The file may have been exchanged since it was looked at: refuse a link, and never wait for a pipe.
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # no system has them all
        flags |= getattr(os, name, 0)
    try:
        with os.fdopen(os.open(location, flags), "rb") as stream:
            return stream.read(most) or b"", ""
    except OSError as error:
        return b"", _obstacle(error)


def _obstacle(error: OSError) -> str:
    """Return why a path could not be read; raise the error again if a submission must not be marked down for it."""
    if is_of_the_machine(error):
        raise error
    return f"cannot be read ({error.strerror}): allow it to be read"
