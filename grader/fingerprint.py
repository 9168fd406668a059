"""Hashes of what decides a result: an exercise's files, the parts of this tool that compute it, and the tiny model."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.imports import imported_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.course.model import Exercise

_HERE = Path(__file__).parent
# The modules and packages that grading runs through. Whoever changes one of them may change a mark.
DECIDING = (
    "checks", "course", "diagnosis", "diffusion", "errors", "faults", "grading", "plugin", "results", "sandbox",
    "submission", "tinyworld", "version", "workbench",
)  # fmt: skip
_WEIGHTS = _HERE / "diffusion" / "tiny_sd"
_CHECKS_LEAN_ON = {f"grader.{name}": _HERE / name for name in ("checks", "diffusion", "tinyworld", "workbench")}


def of_exercise(exercise: Exercise) -> str:
    """Return a hash of everything but the submission that decides a result: files, tool, and weights where used."""
    return _of(of_files(exercise.sources, exercise.root), of_tool(), _weights(exercise))


def of_mistakes(exercise: Exercise) -> str:
    """Return a hash of what decides the answers of an exercise's known mistakes to its public checks.

    Of this tool, the modules count that these checks import, and the one that draws their examples. What else stands
    between a check and a submission carries answers and does not change them.
    """
    own = (*(path for path in exercise.public_sources if path != exercise.stub), *exercise.wrong)
    helpers = (*imported_files(own, _CHECKS_LEAN_ON), _HERE / "plugin" / "examples.py")
    return _of(of_files(own, exercise.root), of_files(helpers, _HERE), _weights(exercise))


@functools.cache
def of_tool() -> str:
    """Return a hash of the deciding modules and packages of this tool."""
    places = [_HERE / name for name in DECIDING]
    files = [
        path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")])
    ]
    return of_files([*files, _HERE / "diffusion" / "tolerances.json"], _HERE)


def of_files(paths: Iterable[Path], root: Path) -> str:
    """Return a hash of the files' content and of their places below `root`."""
    named = sorted((path.relative_to(root).as_posix(), path) for path in paths)
    return _of(*(part for name, path in named for part in (name, hashlib.sha256(path.read_bytes()).hexdigest())))


def _weights(exercise: Exercise) -> str:
    return _of_weights() if exercise.on_model else ""


@functools.cache
def _of_weights() -> str:
    files = (
        path for path in _WEIGHTS.rglob("*") if path.suffix in (".safetensors", ".json", ".txt") and path.is_file()
    )
    return of_files([path for path in files if path.name != "training.json"], _WEIGHTS)


def _of(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
