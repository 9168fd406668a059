"""Keeps what calibration has measured so far, so that the same command goes on from there after an interruption."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from grader import fingerprint
from grader.course.imports import imported_files
from grader.faults import reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.authoring.calibration_inputs import Trial


class Found(NamedTuple):
    """What came of one solution in one trial: its distance from the pipeline, or the `error` that it raised."""

    distance: float
    seconds: float
    error: str = ""


class Log:
    """A file with a line for every solution in every trial; without a path, nothing is kept.

    A line counts as long as nothing has changed of what it was made of: the model, the libraries, this tool, the
    solution, and what the course measures with.
    """

    def __init__(self, path: Path | None, made_with: str) -> None:
        """`made_with` names the model, how it computes, and the versions of libraries."""
        self._path = path
        self._made_with = made_with
        self._known = dict(_lines(path)) if path is not None else {}

    def key(self, trial: Trial, name: str, solution: Path) -> str:
        """Return what a line is known by: a hash of all that decides what comes of a solution in a trial."""
        exercise, measurement = trial.exercise, trial.measurement
        packages = {name: exercise.root / name for name in ("exercises", "reference")}
        own = [solution, exercise.root / "reference" / "_calibration.py"]
        files = fingerprint.of_files([*own, *imported_files(own, packages)], exercise.root)
        parts = (
            fingerprint.of_tool(), self._made_with, exercise.key, measurement.quantity, measurement.caught_by,
            trial.steps, trial.kind, trial.seed, name, files,
        )  # fmt: skip
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def known(self, key: str) -> Found | None:
        """Return what is known by a key, None if nothing is."""
        return self._known.get(key)

    def keep(self, key: str, found: Found) -> None:
        """Add a line; raise `UsageError` if it cannot be written."""
        if self._path is not None:
            with writing(self._path), self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, **found._asdict()}) + "\n")


def _lines(path: Path) -> Iterator[tuple[str, Found]]:
    """Yield the lines that are whole: the last one may have been interrupted."""
    with reading(path):
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    for line in text.splitlines():
        try:
            said: dict[str, Any] = json.loads(line)
            yield said.pop("key"), Found(**said)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
