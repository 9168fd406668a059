"""The file in which a copy of the course remembers its verdicts and hints: `.grade/progress.json`."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import msgspec

from grader.atomic import write_atomically
from grader.errors import UsageError
from grader.results import Outcome  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SCHEMA = "grader.progress/1"
FOLDER = ".grade"  # beside `exercises/`; hidden, so that nobody hands it in, and git ignores it
_NAME, _ASIDE = "progress.json", ".damaged"


class Remembered(msgspec.Struct, frozen=True):
    """The last verdict on an exercise, in short.

    `work` and `course` are hashes of what it was made of (see `grader.desk.made_of`); `passed` is how many checks
    passed, `failed` the names of the others that were decided; `when` is a time in ISO 8601.
    """

    work: str
    course: str
    outcome: Outcome
    passed: int
    failed: tuple[str, ...]
    points: float
    max_points: float
    when: str


class Progress(msgspec.Struct, frozen=True):
    """All that is remembered, by `LESSON/NAME`: the last verdicts, how many hints were taken, and failed tries.

    `failed_tries` counts the versions of an exercise that were graded and failed since it last passed.
    """

    schema: str = SCHEMA
    exercises: dict[str, Remembered] = {}
    hints: dict[str, int] = {}
    failed_tries: dict[str, int] = {}


def own_folder(root: Path) -> Path:
    """Return the folder in a course for what the grader remembers; it is made, and git ignores it.

    Raises:
        OSError: it cannot be made.
    """
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("# What `grade` remembers of your work on this computer.\n*\n", encoding="utf-8")
    return folder


def read_progress(root: Path) -> Progress:
    """Return what is remembered; a file that cannot be read is put aside, and standard error says so."""
    path = root / FOLDER / _NAME
    try:
        progress = msgspec.json.decode(path.read_bytes(), type=Progress)
        if progress.schema != SCHEMA:
            raise ValueError(f'its schema is "{progress.schema}", not "{SCHEMA}"')
        return progress
    except FileNotFoundError:
        return Progress()
    except (OSError, ValueError, RecursionError) as error:  # every error of msgspec is a ValueError
        aside = path.with_name(path.name + _ASIDE)
        with contextlib.suppress(OSError):
            path.replace(aside)
        moved = f"it is now {aside.name}, and " if aside.exists() else ""
        say_aside(f"{path} cannot be read ({reason_of(error)}): {moved}your progress is counted from here on.")
        return Progress()


def update_progress(root: Path, change: Callable[[Progress], Progress]) -> Progress:
    """Change what is remembered, and return it; where it cannot be written, standard error says so."""
    try:
        folder = own_folder(root)
        with while_locked(folder):
            progress = change(read_progress(root))
            content = msgspec.json.format(msgspec.json.encode(progress), indent=1)
            write_atomically(folder / _NAME, content + b"\n")
            return progress
    except (OSError, UsageError) as error:
        say_aside(f"Your progress was not saved: {reason_of(error)}")
        return change(read_progress(root))


def reason_of(error: Exception) -> str:
    """Return why a file could not be used."""
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def say_aside(sentence: str) -> None:
    """Say on standard error what has no part in the verdict."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"grade: {sentence}", file=sys.stderr)


@contextlib.contextmanager
def while_locked(folder: Path) -> Iterator[None]:
    """Keep other commands in the same course waiting while the block runs; `folder` is what `own_folder` returned."""
    import fcntl

    with (folder / "lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
