"""Notes each try in `.grade/attempts.json`, if the student agrees, and hands out what is noted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from grader.atomic import write_atomically
from grader.attempts import Attempts, attempt_at, read_attempts, written
from grader.desk.progress_file import FOLDER, own_folder, reason_of, say_aside, while_locked
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from grader.attempts import Attempt
    from grader.results import ExerciseResult

_NAME = "attempts.json"
_MOST = 5_000  # the oldest go first
_WHAT_IS_NOTED = (
    "which checks passed and failed, which known mistakes were named, and when. Your code and your name are not in it"
)  # fmt: skip


def noted(root: Path) -> Attempts:
    """Return what is noted in a course; nothing if no file is there.

    Raises:
        UsageError: the file cannot be read.
    """
    path = root / FOLDER / _NAME
    try:
        return read_attempts(path)
    except FileNotFoundError:
        return Attempts()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {reason_of(error)}") from error


def agree(root: Path, *, noting: bool) -> str:
    """Begin or end noting tries, and return what that means, in words."""
    _change(root, lambda before: msgspec.structs.replace(before, noted=noting))
    if not noting:
        return "From now on no try is noted. `grade attempts --delete` deletes what was noted so far."
    return (
        f"From now on {root / FOLDER / _NAME} notes each try: {_WHAT_IS_NOTED}, and nothing is sent anywhere. "
        "`grade attempts -o attempts.json` writes a file for your teacher, `grade attempts --stop` ends it, and "
        "`grade attempts --delete` deletes everything."
    )


def forget(root: Path) -> str:
    """Delete what is noted, and note nothing more."""
    path = root / FOLDER / _NAME
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be deleted: {reason_of(error)}") from error
    return "What was noted of your tries is deleted, and nothing more is noted."


def note(root: Path, results: Iterable[tuple[ExerciseResult, str, str]]) -> None:
    """Note results, each with the hash of its code and its time, if the student has agreed.

    Where that fails, standard error says so.
    """
    try:
        if noted(root).noted:
            _change(root, lambda before: _with(before, [attempt_at(*result) for result in results]))
    except UsageError as error:
        say_aside(f"Your try was not noted: {error}")


def for_teacher(root: Path) -> str:
    """Return what is noted, as a file for a teacher; raise `UsageError` if that is nothing."""
    found = noted(root)
    if not found.attempts:
        raise UsageError("No try has been noted yet: `grade attempts --keep` begins.")
    return written(found)


def in_words(root: Path) -> str:
    """Return whether tries are noted, what is noted so far, and what one can do."""
    found = noted(root)
    tries = Counter(attempt.exercise for attempt in found.attempts)
    said = [f"{number:4}  {exercise}" for exercise, number in sorted(tries.items())]
    if found.noted:
        said.append(f"Each try is noted here: {_WHAT_IS_NOTED}. `grade attempts --stop` ends that.")
    else:
        said.append(
            "No try is noted. `grade attempts --keep` begins: it helps your teacher to learn which messages help. What "
            f"would be noted, in a file of your copy alone: {_WHAT_IS_NOTED}."
        )
    return "\n".join(said)


def _with(before: Attempts, new: Iterable[Attempt]) -> Attempts:
    """Return the attempts with the new ones added, except those whose code is that of the last attempt."""
    attempts = list(before.attempts)
    for attempt in new:
        last = next((each for each in reversed(attempts) if each.exercise == attempt.exercise), None)
        if last is None or last.work != attempt.work:
            attempts.append(attempt)
    return msgspec.structs.replace(before, attempts=tuple(attempts[-_MOST:]))


def _change(root: Path, change: Callable[[Attempts], Attempts]) -> None:
    try:
        folder = own_folder(root)
        with while_locked(folder):
            write_atomically(folder / _NAME, written(change(noted(root))) + "\n")
    except OSError as error:
        raise UsageError(f"{root / FOLDER / _NAME} cannot be written: {reason_of(error)}") from error
