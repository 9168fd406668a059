"""Reads a folder: finds the source files below it, following no links."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from grader.submission import limits
from grader.submission.assembly import assembled
from grader.submission.disk import content, entry, obstacle_of
from grader.submission.entries import ENVIRONMENT_MARK, SKIPPED_FOLDERS, SUFFIXES, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.submission.model import Submission


def read_folder(name: str, path: Path) -> Submission:
    """Read the source files below a folder as a submission of that name."""
    return assembled(name, _entries(path))


def _entries(root: Path) -> Iterator[Entry]:
    """Yield the source files below a folder, and the folders that cannot be opened.

    Walks with a list of its own: `os.walk` recurses, and a thousand nested folders would end it.
    """
    folders = [("", root)]
    found = 0
    while folders and found <= limits.MAX_FILES:
        prefix, folder = folders.pop()
        try:
            with os.scandir(folder) as scan:
                listed = sorted(scan, key=lambda item: item.name)
        except OSError as error:
            if not prefix:
                raise
            yield Entry(prefix, functools.partial(content, folder), f"is a folder and {obstacle_of(error)}")
            continue
        for item in listed:
            path = f"{prefix}/{item.name}" if prefix else item.name
            location = folder / item.name
            if item.name.startswith("."):
                continue
            if item.is_dir(follow_symlinks=False):
                if item.name not in SKIPPED_FOLDERS and not os.path.lexists(location / ENVIRONMENT_MARK):
                    folders.append((path, location))
            elif item.name.endswith(SUFFIXES):
                found += 1
                yield entry(path, location)
