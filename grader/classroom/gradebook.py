"""The gradebook: one SQLite file with the result of every exercise of every student, written as soon as it is known."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from sqlite3 import Error as Sqlite3Error
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from grader.classroom import sqlite, upgrading
from grader.classroom.tables import About, ResultRow, StudentRow
from grader.errors import UsageError
from grader.faults import reading, writing
from grader.results import ExerciseResult, Outcome, exercise_from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

LOCK_SECONDS = 10.0
NOTHING = "Nothing was handed in."


class Status(StrEnum):
    """What has become of a student's hand-in."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    ABSENT = "absent"


class Delivery(NamedTuple):
    """What is kept of a student's hand-in beside its results: whose it is, the names of its files, when it came.

    `submitted_at` is in ISO 8601 form; it and `late` are None where nobody has said.
    """

    student: str
    name: str = ""
    handin: str = ""
    submitted_at: str | None = None
    late: bool | None = None


class Graded(NamedTuple):
    """The result of one exercise as it goes into the gradebook."""

    result: ExerciseResult
    fingerprint: str
    seconds: float
    isolation: str


class StudentRecord(NamedTuple):
    """What the gradebook knows of a student; `problem` says why nothing of the latest hand-in could be graded.

    With a problem, `results` are those of an earlier hand-in.
    """

    student: str
    handin: str
    sha256: str
    problem: str
    results: Mapping[tuple[str, str], ExerciseResult]
    name: str = ""
    status: Status = Status.GRADED
    submitted_at: str | None = None
    late: bool | None = None


class Gradebook:
    """An open gradebook; every method is one transaction, so that what was stored stays whatever happens next."""

    def __init__(self, path: Path, lock_seconds: float = LOCK_SECONDS) -> None:
        self._path = path
        self._engine = sqlite.engine_of(path, lock_seconds)

    @classmethod
    def create(
        cls, path: Path, course: str, libraries: str, *, regrade: bool = False, lock_seconds: float = LOCK_SECONDS
    ) -> Gradebook:
        """Open the gradebook of a course to write into it, and make it if there is none.

        `libraries` are those that its marks are computed with; others than it was begun with are only taken to
        `regrade` everything. Raises `UsageError` for others, if the file cannot be written, or if it is something else
        or another course's.
        """
        with writing(path):
            there = path.absolute().parent.is_dir()
        if not there:
            raise UsageError(f"{path} cannot be made, because there is no folder {path.parent}: name another file.")
        gradebook = cls(path, lock_seconds)
        with gradebook._closed_if_refused(), gradebook._session(writing=True) as session:
            if inspect(session.connection()).get_table_names():
                revision = gradebook._revision(session)
                gradebook._refuse_other_marks(session, course, libraries, regrade=regrade)
                if revision != upgrading.HEAD:
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
    def open(cls, path: Path, lock_seconds: float = LOCK_SECONDS) -> Gradebook:
        """Open an existing gradebook to read it; raise `UsageError` if there is none or it cannot be read.

        The file is never changed: one of an earlier grader is upgraded in memory.
        """
        with reading(path):
            there = path.is_file()
        if not there:
            raise UsageError(f"There is no gradebook {path}: make one with `grade batch FOLDER --gradebook {path}`.")
        gradebook = cls(path, lock_seconds)
        with gradebook._closed_if_refused():
            with gradebook._session() as session:
                revision = gradebook._revision(session)
            if revision != upgrading.HEAD:
                with gradebook._refusing():
                    file, gradebook._engine = gradebook._engine, sqlite.copy_in_memory(gradebook._engine)
                file.dispose()
                with gradebook._session(writing=True) as session:
                    upgrading.upgrade(session.connection(), revision)
        return gradebook

    @property
    def course(self) -> str:
        """The name of the course."""
        with self._session() as session:
            return session.get_one(About, "course").value

    @property
    def secret(self) -> str:
        """What the inputs of checks are drawn with: once for a gradebook, so that late work meets the same ones."""
        with self._session() as session:
            return session.get_one(About, "secret").value

    def fingerprints(self, student: str) -> dict[tuple[str, str], str]:
        """Return what a student's stored results are results of, by lesson and exercise; the grader's errors apart."""
        with self._session() as session:
            rows = session.scalars(
                select(ResultRow).where(ResultRow.student == student, ResultRow.outcome != Outcome.ERROR.value)
            )
            return {(row.lesson, row.exercise): row.fingerprint for row in rows}

    def results(self, student: str) -> Mapping[tuple[str, str], ExerciseResult]:
        """Return a student's stored results by lesson and exercise; raise `UsageError` if one cannot be read back."""
        with self._session() as session:
            row = session.get(StudentRow, student)
            return self._results_of(row) if row is not None else {}

    def names(self) -> dict[str, str]:
        """Return the names of all students by their keys."""
        with self._session() as session:
            return {row.student: row.name for row in session.scalars(select(StudentRow))}

    def store(self, delivery: Delivery, sha256: str, graded: Sequence[Graded]) -> None:
        """Store results of a student's hand-in, and keep those of other exercises."""
        graded_at = datetime.now(UTC).isoformat(timespec="seconds")
        with self._session(writing=True) as session:
            session.merge(_row(delivery, Status.GRADED, sha256=sha256))
            for entry in graded:
                session.merge(
                    ResultRow(
                        student=delivery.student,
                        lesson=entry.result.lesson,
                        exercise=entry.result.name,
                        fingerprint=entry.fingerprint,
                        outcome=entry.result.outcome.value,
                        points=entry.result.points,
                        max_points=entry.result.max_points,
                        seconds=entry.seconds,
                        isolation=entry.isolation,
                        graded_at=graded_at,
                        result=to_json(entry.result, indent=0),
                    )
                )

    def store_problem(self, delivery: Delivery, problem: str) -> None:
        """Store why nothing of a hand-in could be graded. Results of an earlier one stay beside the problem."""
        with self._session(writing=True) as session:
            session.merge(_row(delivery, Status.UNREADABLE, problem=problem))

    def store_absent(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Store who handed in nothing, and return them: those of whom no hand-in is known."""
        with self._session(writing=True) as session:
            known = {row.student: row.status for row in session.scalars(select(StudentRow))}
            absent = [each for each in deliveries if known.get(each.student, Status.ABSENT) == Status.ABSENT]
            for each in absent:
                session.merge(_row(each, Status.ABSENT, problem=NOTHING))
        return absent

    def records(self) -> list[StudentRecord]:
        """Return everything about all students, sorted by name; raise `UsageError` if a result cannot be read back."""
        with self._session() as session:
            rows = session.scalars(select(StudentRow).order_by(StudentRow.student))
            return [
                StudentRecord(
                    row.student,
                    row.handin,
                    row.sha256,
                    row.problem,
                    self._results_of(row),
                    row.name,
                    Status(row.status),
                    row.submitted_at,
                    row.late,
                )
                for row in rows
            ]

    def _results_of(self, row: StudentRow) -> dict[tuple[str, str], ExerciseResult]:
        try:
            return {(result.lesson, result.exercise): exercise_from_json(result.result) for result in row.results}
        except ValueError as error:
            raise UsageError(f"{self._path} {sqlite.DAMAGED} ({row.student}: {error}).") from error

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    @contextmanager
    def _closed_if_refused(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    @contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[Session]:
        """Yield a session that is committed at the end; what the file does not allow becomes one sentence."""
        with self._refusing(), Session(self._engine) as session, session.begin():
            session.execute(text(sqlite.FOR_WRITING if writing else sqlite.DEFERRED))
            yield session

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, Sqlite3Error) as error:
            reason = sqlite.reason(error)
            if not reason:
                raise
            raise UsageError(f"{self._path} {reason}. What was stored before stays.") from error

    def _revision(self, session: Session) -> str:
        """Return the revision of the gradebook; refuse what is not a gradebook, or is a newer grader's."""
        tables = inspect(session.connection()).get_table_names()
        schema = session.get(About, "schema") if About.__tablename__ in tables else None
        if schema is None:
            raise UsageError(f"{self._path} is a database of something else, not a gradebook: name another file.")
        revision = upgrading.revision_of(session.connection(), schema.value)
        if not revision:
            raise UsageError(
                f"{self._path} was made by another version of the grader, probably a newer one (its schema is "
                f'"{schema.value}", and this grader reads "{upgrading.SCHEMA}"): install that version, or name another '
                "file."
            )
        return revision

    def _refuse_other_marks(self, session: Session, course: str, libraries: str, *, regrade: bool) -> None:
        known = session.get_one(About, "course").value
        if known != course:
            raise UsageError(f'{self._path} is the gradebook of "{known}", not of "{course}": name another file.')
        begun_with = session.get(About, "libraries")
        if begun_with is not None and begun_with.value != libraries and not regrade:
            raise UsageError(
                f"{self._path} was begun with {_others(begun_with.value, libraries)}. Here is "
                f"{_others(libraries, begun_with.value)}, which may give other marks: install the libraries of "
                "before, or grade everyone again with --regrade."
            )


def _new_secret() -> str:
    return secrets.token_hex(16)


def _row(delivery: Delivery, status: Status, *, sha256: str = "", problem: str = "") -> StudentRow:
    return StudentRow(
        student=delivery.student,
        name=delivery.name or delivery.student,
        handin=delivery.handin,
        sha256=sha256,
        problem=problem,
        status=status.value,
        submitted_at=delivery.submitted_at,
        late=delivery.late,
    )


def _others(libraries: str, than: str) -> str:
    """Return those of some libraries, with versions, that are not among others."""
    return ", ".join(each for each in libraries.split(", ") if each not in than.split(", ")) or "none of these"
