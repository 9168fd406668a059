"""Takes the outer folders off the paths of a submission: to hand in a folder is to hand in what is in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.submission import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.submission.entries import Entry

_SCANNED_BYTES = 8_000_000  # what of a submission is looked through for imports


def without_outer_folders(entries: Sequence[Entry], sources: Sequence[Entry]) -> list[Entry]:
    """Take off the folders that all source files lie in; one that such a file imports by its name stays."""
    outer = _common_folders([entry.path for entry in sources])
    for depth, folder in enumerate(outer):
        if folder.isidentifier() and _is_imported(folder, sources):
            outer = outer[:depth]
            break
    prefix = "".join(f"{folder}/" for folder in outer)
    return [entry._replace(path=entry.path.removeprefix(prefix)) for entry in entries]


def _common_folders(paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    first, last = (path.split("/")[:-1] for path in (min(paths), max(paths)))  # what these share, all share
    common = []
    for one, other in zip(first, last, strict=False):
        if one != other:
            break
        common.append(one)
    return common


def _is_imported(folder: str, entries: Sequence[Entry]) -> bool:
    # In a notebook the statement follows a quotation mark or an escaped line end.
    statement = re.compile(rb"(?:from|import)[ \t]+" + re.escape(folder.encode()) + rb"\b")
    left = _SCANNED_BYTES
    for entry in entries[: limits.MAX_FILES]:
        if not entry.obstacle and left > 0:
            content, _ = entry.open(min(left, limits.MAX_NOTEBOOK_BYTES))
            left -= len(content)
            if statement.search(content):
                return True
    return False
