"""The gradebook: one SQLite file with the result of every exercise of every student, written as soon as it is known."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ForeignKeyConstraint, create_engine, event, inspect, select, text
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from grader.errors import UsageError
from grader.faults import reading, writing
from grader.results import ExerciseResult, Outcome, exercise_from_json, to_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SCHEMA = "grader.gradebook/1"
LOCK_SECONDS = 10.0
_DEFERRED, _FOR_WRITING = "BEGIN", "BEGIN IMMEDIATE"


class _Base(DeclarativeBase):
    pass


class _About(_Base):
    """What the file says about itself: its `schema`, its `course`, and the `libraries` that its marks come from."""

    __tablename__ = "about"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class _Student(_Base):
    """Who handed in what; `problem` says why nothing of it could be graded, "" if it could."""

    __tablename__ = "students"

    student: Mapped[str] = mapped_column(primary_key=True)
    handin: Mapped[str]
    sha256: Mapped[str]
    problem: Mapped[str]
    results: Mapped[list[_Result]] = relationship(
        back_populates="owner", cascade="all, delete-orphan", order_by="_Result.lesson, _Result.exercise"
    )


class _Result(_Base):
    """What became of one exercise; `fingerprint` says of what it is the result, `result` is the whole as JSON."""

    __tablename__ = "results"
    __table_args__ = (ForeignKeyConstraint(["student"], ["students.student"]),)

    student: Mapped[str] = mapped_column(primary_key=True)
    lesson: Mapped[str] = mapped_column(primary_key=True)
    exercise: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    outcome: Mapped[str]
    points: Mapped[float]
    max_points: Mapped[float]
    seconds: Mapped[float]
    isolation: Mapped[str]
    graded_at: Mapped[str]
    result: Mapped[str]
    owner: Mapped[_Student] = relationship(back_populates="results")


class Graded(NamedTuple):
    """The result of one exercise as it goes into the gradebook."""

    result: ExerciseResult
    fingerprint: str
    seconds: float
    isolation: str


class StudentRecord(NamedTuple):
    """What the gradebook knows of a student; `problem` says why nothing of the hand-in could be graded."""

    student: str
    handin: str
    sha256: str
    problem: str
    results: Mapping[tuple[str, str], ExerciseResult]


class Gradebook:
    """An open gradebook; every method is one transaction, so that what was stored stays whatever happens next."""

    def __init__(self, path: Path, lock_seconds: float = LOCK_SECONDS) -> None:
        self._path = path
        self._engine = _engine(path, lock_seconds)

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
        with gradebook._session(writing=True) as session:
            tables = inspect(session.connection()).get_table_names()
            if tables:
                gradebook._refuse_foreign(session, tables)
                known = session.get_one(_About, "course").value
                if known != course:
                    raise UsageError(f'{path} is the gradebook of "{known}", not of "{course}": name another file.')
                begun_with = session.get(_About, "libraries")
                if begun_with is not None and begun_with.value != libraries and not regrade:
                    raise UsageError(
                        f"{path} was begun with {_others(begun_with.value, libraries)}. Here is "
                        f"{_others(libraries, begun_with.value)}, which may give other marks: install the libraries of "
                        "before, or grade everyone again with --regrade."
                    )
                session.merge(_About(key="libraries", value=libraries))
                return gradebook
            _Base.metadata.create_all(session.connection())
            about = {"schema": SCHEMA, "course": course, "libraries": libraries}
            session.add_all([_About(key=key, value=value) for key, value in about.items()])
        return gradebook

    @classmethod
    def open(cls, path: Path, lock_seconds: float = LOCK_SECONDS) -> Gradebook:
        """Open an existing gradebook to read it; raise `UsageError` if there is none or it cannot be read."""
        with reading(path):
            there = path.is_file()
        if not there:
            raise UsageError(f"There is no gradebook {path}: make one with `grade batch FOLDER --gradebook {path}`.")
        gradebook = cls(path, lock_seconds)
        with gradebook._session() as session:
            gradebook._refuse_foreign(session, inspect(session.connection()).get_table_names())
        return gradebook

    @property
    def course(self) -> str:
        """The name of the course."""
        with self._session() as session:
            return session.get_one(_About, "course").value

    def fingerprints(self, student: str) -> dict[tuple[str, str], str]:
        """Return what a student's stored results are results of, by lesson and exercise; the grader's errors apart."""
        with self._session() as session:
            rows = session.scalars(
                select(_Result).where(_Result.student == student, _Result.outcome != Outcome.ERROR.value)
            )
            return {(row.lesson, row.exercise): row.fingerprint for row in rows}

    def students(self) -> set[str]:
        """Return the names of all students."""
        with self._session() as session:
            return set(session.scalars(select(_Student.student)))

    def store(self, student: str, handin: str, sha256: str, graded: list[Graded]) -> None:
        """Store results of a student's hand-in, and keep those of other exercises."""
        graded_at = datetime.now(UTC).isoformat(timespec="seconds")
        with self._session(writing=True) as session:
            session.merge(_Student(student=student, handin=handin, sha256=sha256, problem=""))
            for entry in graded:
                session.merge(
                    _Result(
                        student=student,
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

    def store_problem(self, student: str, handin: str, problem: str) -> None:
        """Store why nothing of a hand-in could be graded; results of an earlier hand-in are no longer the student's."""
        with self._session(writing=True) as session:
            known = session.get(_Student, student)
            if known is not None:
                known.results.clear()
            session.merge(_Student(student=student, handin=handin, sha256="", problem=problem))

    def records(self) -> list[StudentRecord]:
        """Return everything about all students, sorted by name; raise `UsageError` if a result cannot be read back."""
        with self._session() as session:
            rows = session.scalars(select(_Student).order_by(_Student.student))
            return [
                StudentRecord(row.student, row.handin, row.sha256, row.problem, self._results_of(row)) for row in rows
            ]

    def _results_of(self, row: _Student) -> dict[tuple[str, str], ExerciseResult]:
        try:
            return {(result.lesson, result.exercise): exercise_from_json(result.result) for result in row.results}
        except ValueError as error:
            raise UsageError(f"{self._path} {_REASONS['SQLITE_CORRUPT']} ({row.student}: {error}).") from error

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    @contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[Session]:
        """Yield a session that is committed at the end; what the file does not allow becomes one sentence."""
        try:
            with Session(self._engine) as session, session.begin():
                session.execute(text(_FOR_WRITING if writing else _DEFERRED))
                yield session
        except SQLAlchemyError as error:
            reason = _reason(error)
            if not reason:
                raise
            raise UsageError(f"{self._path} {reason}. What was stored before stays.") from error

    def _refuse_foreign(self, session: Session, tables: list[str]) -> None:
        found = session.get(_About, "schema") if _About.__tablename__ in tables else None
        if found is None:
            raise UsageError(f"{self._path} is a database of something else, not a gradebook: name another file.")
        if found.value != SCHEMA:
            raise UsageError(
                f'{self._path} has the schema "{found.value}", and this grader reads "{SCHEMA}": make a new gradebook.'
            )


def _others(libraries: str, than: str) -> str:
    """Return those of some libraries, with versions, that are not among others."""
    return ", ".join(each for each in libraries.split(", ") if each not in than.split(", ")) or "none of these"


def _engine(path: Path, lock_seconds: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": lock_seconds, "isolation_level": None}
    )

    @event.listens_for(engine, "connect")
    def _keep_what_is_stored(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")

    return engine


_REASONS = {
    "SQLITE_BUSY": "is locked by another process: wait for it to end, or end it, and run the command again",
    "SQLITE_FULL": "cannot be written, because the disk is full: make room and run the command again",
    "SQLITE_READONLY": "may not be written: make it and its folder writable, or name another file",
    "SQLITE_CANTOPEN": "cannot be opened: make it and its folder readable and writable, or name another file",
    "SQLITE_NOTADB": "is not an SQLite file: name another file",
    "SQLITE_CORRUPT": "is damaged: restore it from a copy, or name another file",
    "SQLITE_PERM": "may not be opened: make it readable, or name another file",
    "SQLITE_AUTH": "may not be opened: make it readable, or name another file",
    "SQLITE_IOERR": "cannot be read or written, because its disk does not respond properly: name another file",
    "SQLITE_PROTOCOL": "cannot be locked: name a file on a disk of this machine",
    "SQLITE_ERROR": "does not have the tables of a gradebook: restore it from a copy, or name another file",
    "SQLITE_SCHEMA": "does not have the tables of a gradebook: restore it from a copy, or name another file",
}


def _reason(error: SQLAlchemyError) -> str:
    """Return what is wrong with the file, after its name; "" if it is the grader that has used it wrongly."""
    original = getattr(error, "orig", None)
    name = getattr(original, "sqlite_errorname", "")
    return next((reason for known, reason in _REASONS.items() if name.startswith(known)), "")
