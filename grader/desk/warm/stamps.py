"""Tells whether the tool or the course has changed: times and sizes of all files that a judge may have read.

What a student writes is not among them: it is read anew for every verdict.
"""

from __future__ import annotations

import hashlib
import os
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.sources import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOOL = Path(__file__).parents[2]
_PASSED_OVER = ("__pycache__", ".git", ".grade")


def stamp(root: Path) -> str:
    """Return what changes whenever the tool, an installed library or the course's own files change."""
    digest = hashlib.sha256()
    for path, entry in _files(root):
        digest.update(f"{path} {entry.st_mtime_ns} {entry.st_size}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _files(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    yield from _below(str(_TOOL))
    libraries = sysconfig.get_path("purelib")  # changes when a library is installed or removed
    yield libraries, os.stat(libraries)  # noqa: PTH116 - as below
    for part in ("reference", "rubrics", "mistakes"):
        yield from _below(str(root / part))
    for lesson in _entries(str(root / "exercises")):
        if lesson.name.startswith("_"):
            yield from _below(lesson.path) if lesson.is_dir() else [(lesson.path, lesson.stat())]
        elif lesson.is_dir():
            yield from _below(os.path.join(lesson.path, "checks"))  # noqa: PTH118 - as below
            yield from ((each.path, each.stat()) for each in _entries(lesson.path) if each.name == f"{QUESTIONS}.toml")


def _below(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield all files below a folder, by `os.scandir`: there are a thousand, and somebody is waiting."""
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _PASSED_OVER:
                yield from _below(entry.path)
        else:
            yield entry.path, entry.stat()


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:  # there is none, or it is closed: that is its state
        return []
