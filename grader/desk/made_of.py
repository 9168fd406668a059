"""Hashes of what a verdict at a desk is made of: the student's files, and the course's.

They are cheap, because a listing takes one of every exercise, and strict: whoever changes a comment grades again.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from grader.course.imports import imported_files
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from grader.course.sources import ExerciseFiles


def work_hash(exercise: ExerciseFiles) -> str:
    """Return a hash of a student's files: the stub, what it imports from its folder, and the helpers beside it."""
    folder = exercise.stub.parent
    if exercise.is_questions:
        return _hash([exercise.stub], folder)
    beside = sorted(path for path in folder.glob("*.py") if not path.name.startswith("."))
    helpers = [path for path in beside if not (folder / "checks" / f"test_{path.name}").is_file()]
    examples = exercise.stub.with_suffix(".examples")
    own = {exercise.stub, *helpers, *([examples] if examples.is_file() else [])}
    if _imports_from(exercise.stub, {path.stem for path in beside}):
        own.update(imported_files(own, {path.stem: path.with_suffix("") for path in beside}))
    return _hash(own, folder)


def course_hash(exercise: ExerciseFiles) -> str:
    """Return a hash of checks, their helpers, the rubric and the grader's version."""
    if exercise.is_questions:
        own = _hash([*exercise.check_sources, exercise.rubric], exercise.root)
        return hashlib.sha256(f"{__version__} {own}".encode()).hexdigest()
    shared = exercise.root / "exercises"
    files = {
        exercise.public_checks,
        exercise.reference / "test_hidden.py" if exercise.reference else exercise.public_checks,
        exercise.rubric,
        *exercise.public_checks.parent.glob("_*.py"),
        *shared.glob("_*.py"),
        *shared.glob("_*/*.py"),
    }
    return hashlib.sha256(f"{__version__} {_hash(files, exercise.root)}".encode()).hexdigest()


def _imports_from(stub: Path, names: set[str]) -> bool:
    """Tell whether a file may import a neighbour; only then is it worth parsing."""
    content = _content(stub)
    return any(f"import {name}".encode() in content or f"from {name}".encode() in content for name in names)


def _hash(files: Iterable[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        content = _content(path)
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)} ".encode() + _hash_of(content))
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # gone, a folder, or closed: that is its state
        return b""


@functools.lru_cache(maxsize=256)
def _hash_of(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
