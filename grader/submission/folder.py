"""Reads a folder: finds the files below it, following no links."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from grader.submission import limits
from grader.submission.disk import content, entry, obstacle_of
from grader.submission.entries import ENVIRONMENT_MARK, Entry, Form, is_litter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_OTHERS = 1000  # files of other kinds, which are only named if there is nothing else


def entries_below(root: Path, under: str = "") -> Iterator[Entry]:
    """Yield the files below a folder, and the folders that cannot be opened; their paths begin with `under`.

    Walks with a list of its own: `os.walk` recurses, and a thousand nested folders would end it.
    """
    folders = [("", root)]
    found = texts = others = 0
    while folders and found <= limits.MAX_FILES:
        prefix, folder = folders.pop()
        try:
            with os.scandir(folder) as scan:
                listed = sorted(scan, key=lambda item: item.name)
        except OSError as error:
            if not prefix:
                raise
            yield Entry(f"{under}{prefix}", functools.partial(content, folder), f"is a folder and {obstacle_of(error)}")
            continue
        for item in listed:
            path = f"{prefix}/{item.name}" if prefix else item.name
            location = folder / item.name
            if is_litter(item.name):
                continue
            if item.is_dir(follow_symlinks=False):
                if not os.path.lexists(location / ENVIRONMENT_MARK):
                    folders.append((path, location))
                continue
            made = entry(f"{under}{path}", location)
            if made.form in (Form.PYTHON, Form.NOTEBOOK):
                found += 1
                yield made
            elif made.form in (Form.TEXT, Form.TOML):
                texts += 1
                if texts <= limits.MAX_TEXTS:
                    yield made
            elif not made.obstacle and others < _MOST_OTHERS:
                others += 1
                yield made
