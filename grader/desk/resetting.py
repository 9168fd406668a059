"""Puts a stub back as it was given out, keeps what was there, and brings that back."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from grader import faults, working_copy
from grader.atomic import write_atomically
from grader.course.outline import files_of
from grader.course.syntax import is_unwritten_text
from grader.desk.choosing import one
from grader.desk.progress_file import FOLDER, own_folder
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.course.outline import Outline
    from grader.course.sources import ExerciseFiles

_BACKUPS = "backups"
_MOST_COMMITS = 100  # of a stub that git is asked for
_GIT_SECONDS = 20


def find(outline: Outline, name: str) -> ExerciseFiles:
    """Return the exercise of that name, even if its stub was deleted; raise `UsageError` if there is none."""
    try:
        return one(outline, name)
    except UsageError:
        for lesson in outline.lessons:
            for public in sorted((lesson.folder / "checks").glob("test_*.py")):
                exercise = files_of(outline.root, lesson.folder / public.name.removeprefix("test_"))
                if name in (exercise.name, exercise.key):
                    return exercise
        raise


def reset(exercise: ExerciseFiles) -> Path | None:
    """Put the stub of an exercise back as it was given out, and return where the student's file is kept.

    None if the stub is as it was. Raises `UsageError` if nobody knows how the stub was, or a file cannot be written.
    """
    if exercise.is_questions:
        raise UsageError("Answers to questions are not reset: `grade answer NAME VALUE` puts another one in its place.")
    original = _original(exercise)
    if original is None:
        raise UsageError(
            f"How {exercise.name}.py was given out is not known here: get the file again from whoever gave you the "
            "course."
        )
    with faults.reading(exercise.stub):
        there = exercise.stub.read_bytes() if exercise.stub.exists() else b""
    if there == original:
        return None
    kept = _keep(exercise, there)
    write_atomically(exercise.stub, original, follow_links=False)
    return kept


def undo(exercise: ExerciseFiles) -> Path:
    """Bring back what the last `reset` put aside, keep what was there instead, and return where that is.

    Raises:
        UsageError: there is nothing to bring back, or a file cannot be written.
    """
    backups = sorted(_folder(exercise).glob("*.py")) if _folder(exercise).is_dir() else []
    if not backups:
        raise UsageError(f"Nothing was put aside for {exercise.name}: there is nothing to undo.")
    with faults.reading():
        content, there = backups[-1].read_bytes(), exercise.stub.read_bytes() if exercise.stub.exists() else b""
    kept = _keep(exercise, there)
    write_atomically(exercise.stub, content, follow_links=False)
    backups[-1].unlink(missing_ok=True)
    return kept


def _keep(exercise: ExerciseFiles, content: bytes) -> Path:
    folder = _folder(exercise)
    with faults.writing(folder):
        own_folder(exercise.root)
        folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.py"
    write_atomically(path, content)
    return path


def _folder(exercise: ExerciseFiles) -> Path:
    return exercise.root / FOLDER / _BACKUPS / exercise.lesson / exercise.name


def _original(exercise: ExerciseFiles) -> bytes | None:
    """Return the stub as it was given out: from the copy's own record, or in a clone from git; None if unknown."""
    if (exercise.root / working_copy.RECORD).is_file():
        record = working_copy.read_record(exercise.root)
        stub = record.stubs.get(f"exercises/{exercise.key}.py")
        return None if stub is None else stub.encode()
    return next((content for content in _committed(exercise) if is_unwritten_text(content)), None)


def _committed(exercise: ExerciseFiles) -> Iterator[bytes]:
    """Yield the versions of a stub that git knows, the newest first; a student may have committed an answer."""
    commits = _git(exercise, "log", f"--max-count={_MOST_COMMITS}", "--format=%H", "--", exercise.stub.name)
    for commit in commits.decode("ascii", "replace").split():
        yield _git(exercise, "show", f"{commit}:./{exercise.stub.name}")


def _git(exercise: ExerciseFiles, *arguments: str) -> bytes:
    try:
        return subprocess.run(
            ["git", "-C", str(exercise.stub.parent), *arguments],
            capture_output=True,
            check=True,
            timeout=_GIT_SECONDS,
        ).stdout
    except (OSError, subprocess.SubprocessError):  # no git, no repository, no such file: nothing is known
        return b""
