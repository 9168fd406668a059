"""Makes copies of a gradebook's file and puts one back, while others may be using it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom import databases
from grader.classroom.gradebook import Gradebook
from grader.errors import UsageError
from grader.faults import writing

if TYPE_CHECKING:
    from collections.abc import Iterator


class Restored(NamedTuple):
    """How many students a gradebook has again, and where what was there before is kept; None if nothing was."""

    students: int
    kept: Path | None


def back_up(gradebook: str | Path, copy: Path) -> int:
    """Copy a gradebook and return how many students are in the copy, which is read back before it is called good.

    Raises:
        UsageError: the gradebook does not exist or is in PostgreSQL, or the copy exists already or cannot be written.
    """
    if copy.exists():
        raise UsageError(f"{copy} exists already: name another file.")
    with writing(copy, "name another file."):
        if not copy.absolute().parent.is_dir():
            raise UsageError(
                f"{copy} cannot be made, because the folder {copy.parent} does not exist: name another file."
            )
    partial = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        with closing(Gradebook.open(gradebook)) as book:
            book.back_up(partial)
        count = _verified(partial)
        with writing(copy, "name another file."):
            partial.rename(copy)
        return count
    finally:
        partial.unlink(missing_ok=True)


def restore(copy: Path, gradebook: str | Path) -> Restored:
    """Put a copy in place of a gradebook; processes that have it open go on with what was restored.

    Raises:
        UsageError: the copy is not a whole gradebook, or the gradebook cannot be written.
    """
    if databases.is_address(str(gradebook)):
        raise UsageError(f"{databases.shown(str(gradebook))} is in PostgreSQL: restore it with `pg_restore`.")
    count, path = _verified(copy), Path(gradebook)
    kept = None
    if path.exists():
        kept = next(each for each in _names(path) if not each.exists())
        with writing(kept):
            _copy(path, kept)
    with writing(path):
        _copy(copy, path)
    return Restored(count, kept)


def _copy(source: Path, target: Path) -> None:
    engine = databases.engine_of_file(source)
    try:
        databases.copy_file(engine, target)
    finally:
        engine.dispose()


def _names(path: Path) -> Iterator[Path]:
    number = 1
    while True:
        yield path.with_name(f"{path.stem}.before-restore-{number}{path.suffix}")
        number += 1


def _verified(path: Path) -> int:
    """Return how many students are in a file; raise `UsageError` unless it is a gradebook without damage."""
    with closing(Gradebook.open(path)) as book:
        count = len(book.students())
    try:
        with closing(sqlite3.connect(path)) as file:
            found = [row[0] for row in file.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise UsageError(f"{path} {databases.DAMAGED}.")
    return count
