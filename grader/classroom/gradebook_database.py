"""The database of a gradebook: opens it, brings it up to date, and makes every change one transaction."""

from __future__ import annotations

import secrets
import sys
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Error as Sqlite3Error
from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from grader.classroom import databases, upgrading
from grader.classroom.tables import About
from grader.errors import UsageError
from grader.faults import reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

LOCK_SECONDS = 12 * 3600.0  # a run over night outlasts whoever looks at the file meanwhile


class GradebookDatabase:
    """An open database with the tables of a gradebook, and what the gradebook says about itself."""

    def __init__(self, place: str | Path, lock_seconds: float = LOCK_SECONDS) -> None:
        """Open the database of a file, or of an address `postgresql://...`; nothing is read yet."""
        self._place = str(place)
        self._lock_seconds = lock_seconds
        self.shown = databases.shown(self._place)
        self._engine = (
            databases.engine_of_address(self._place)
            if databases.is_address(self._place)
            else databases.engine_of_file(Path(place), lock_seconds)
        )

    @classmethod
    def create(
        cls,
        place: str | Path,
        course: str,
        libraries: str,
        *,
        regrade: bool = False,
        lock_seconds: float = LOCK_SECONDS,
    ) -> Self:
        """Open the gradebook of a course to write into it, and make it if there is none.

        `libraries` are those that its marks are computed with; others than it was begun with are only taken to
        `regrade` everything. One of an earlier grader is upgraded, a file after a copy was made beside it.

        Raises:
            UsageError: it cannot be written, is something else or another course's, or was begun with other libraries.
        """
        if not databases.is_address(str(place)):
            path = Path(place)
            with writing(path):
                there = path.absolute().parent.is_dir()
            if not there:
                raise UsageError(f"{path} cannot be made, because there is no folder {path.parent}: name another file.")
        gradebook = cls(place, lock_seconds)
        with gradebook._closed_if_refused(), gradebook.session(writing=True) as session:
            if inspect(session.connection()).get_table_names():
                revision = gradebook._revision(session)
                gradebook._refuse_another_course(session, course)
                if not regrade:
                    gradebook._refuse_other_libraries(session, libraries)
                if revision != upgrading.HEAD:
                    gradebook._keep_copy(revision)
                    upgrading.upgrade(session.connection(), revision)
                about = {"libraries": libraries}
                if regrade and not session.get_one(About, "secret").value:
                    about["secret"] = _new_secret()
            else:
                upgrading.upgrade(session.connection(), "")
                about = {
                    "schema": upgrading.SCHEMA, "course": course, "libraries": libraries, "secret": _new_secret(),
                }  # fmt: skip
            for key, value in about.items():
                session.merge(About(key=key, value=value))
        return gradebook

    @classmethod
    def open(
        cls,
        place: str | Path,
        course: str | None = None,
        *,
        lock_seconds: float = LOCK_SECONDS,
        to_write: bool = False,
    ) -> Self:
        """Open an existing gradebook, of a certain course or of any.

        Unless it is opened `to_write`, it is never changed: one of an earlier grader is upgraded in memory.

        Raises:
            UsageError: there is none, it cannot be read, or it is another course's.
        """
        if not databases.is_address(str(place)):
            with reading(Path(place)):
                there = Path(place).is_file()
            if not there:
                raise UsageError(
                    f"There is no gradebook {place}: make one with `grade batch FOLDER --gradebook {place}`."
                )
        gradebook = cls(place, lock_seconds)
        with gradebook._closed_if_refused():
            with gradebook.session() as session:
                revision = gradebook._revision(session)
                if course is not None:
                    gradebook._refuse_another_course(session, course)
            if revision != upgrading.HEAD:
                gradebook._upgrade(to_write=to_write)
        return gradebook

    def _upgrade(self, *, to_write: bool) -> None:
        if not to_write:
            if databases.is_address(self._place):
                raise UsageError(
                    f"{self.shown} is a gradebook of an earlier grader: `grade batch` with it brings it up to date."
                )
            with self._refusing():
                file, self._engine = self._engine, databases.copy_in_memory(self._engine)
            file.dispose()
        with self.session(writing=True) as session:
            revision = self._revision(session)  # another process may have upgraded it since
            if revision != upgrading.HEAD:
                if to_write:
                    self._keep_copy(revision)
                upgrading.upgrade(session.connection(), revision)

    # --- about itself ---------------------------------------------------------------------------------------------

    @property
    def course(self) -> str:
        """The name of the course."""
        return self._about("course")

    @property
    def secret(self) -> str:
        """What the inputs of checks are drawn with: once for a gradebook, so that late work meets the same ones."""
        return self._about("secret")

    def _about(self, key: str) -> str:
        with self.session() as session:
            return session.get_one(About, key).value

    # --- the file as a whole --------------------------------------------------------------------------------------

    def back_up(self, target: Path) -> None:
        """Copy the gradebook's file as it is between two transactions, while a run may be writing it."""
        if databases.is_address(self._place):
            raise UsageError(f"{self.shown} is in PostgreSQL: back it up with `pg_dump`.")
        with self._refusing():
            databases.copy_file(self._engine, target)

    def vacuum(self) -> None:
        """Have SQLite overwrite what was deleted, which otherwise stays in the file."""
        if not databases.is_address(self._place):
            with self._refusing(), self._engine.connect() as connection:
                connection.exec_driver_sql("VACUUM")

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    # --- transactions ---------------------------------------------------------------------------------------------

    @contextmanager
    def _closed_if_refused(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    @contextmanager
    def session(self, *, writing: bool = False) -> Iterator[Session]:
        """Yield a session that is committed at the end; what the database does not allow becomes one sentence."""
        with self._refusing(), Session(self._engine) as session, session.begin():
            databases.begin(session, writing=writing, seconds=self._lock_seconds, waiting=self._say_that_it_waits)
            yield session

    def _say_that_it_waits(self) -> None:
        print(
            f"grade: {self.shown} is locked by another process; waiting until it is free (Ctrl-C ends this).",
            file=sys.stderr,
            flush=True,
        )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, Sqlite3Error) as error:
            reason = databases.reason(error)
            if not reason:
                raise
            raise UsageError(f"{self.shown} {reason}. What was stored before stays.") from error

    def _keep_copy(self, revision: str) -> None:
        """Copy a file as it was before an upgrade; a copy of the same revision is not overwritten."""
        if databases.is_address(self._place):
            return
        path = Path(self._place)
        copy = path.with_name(f"{path.stem}.before-upgrade-{revision}{path.suffix}")
        number = 1
        while copy.exists():
            number += 1
            copy = path.with_name(f"{path.stem}.before-upgrade-{revision}-{number}{path.suffix}")
        with writing(copy):
            copy.write_bytes(path.read_bytes())  # nobody writes it meanwhile: the caller holds its lock

    def _revision(self, session: Session) -> str:
        """Return the revision of the gradebook; refuse what is not a gradebook, or is a newer grader's."""
        tables = inspect(session.connection()).get_table_names()
        schema = session.get(About, "schema") if About.__tablename__ in tables else None
        if schema is None:
            raise UsageError(f"{self.shown} is a database of something else, not a gradebook: name another file.")
        revision = upgrading.revision_of(session.connection(), schema.value)
        if not revision:
            raise UsageError(
                f"{self.shown} was made by another version of the grader, probably a newer one (its schema is "
                f'"{schema.value}", and this grader reads "{upgrading.SCHEMA}"): install that version, or name another '
                "file."
            )
        return revision

    def _refuse_another_course(self, session: Session, course: str) -> None:
        known = session.get_one(About, "course").value
        if known != course:
            raise UsageError(
                f'{self.shown} is the gradebook of "{known}", not of "{course}": name another file. If you renamed the '
                "course, put the old heading back into exercises/README.md."
            )

    def _refuse_other_libraries(self, session: Session, libraries: str) -> None:
        begun_with = session.get(About, "libraries")
        if begun_with is not None and begun_with.value != libraries:
            raise UsageError(
                f"{self.shown} was begun with {_others(begun_with.value, libraries)}. Here is "
                f"{_others(libraries, begun_with.value)}, which may give other marks: install the libraries of "
                "before, or grade everyone again with --regrade."
            )


def _new_secret() -> str:
    return secrets.token_hex(16)


def _others(libraries: str, than: str) -> str:
    """Return those of some libraries, with versions, that are not among others."""
    return ", ".join(each for each in libraries.split(", ") if each not in than.split(", ")) or "none of these"
