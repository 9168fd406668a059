"""Opens SQLite files, and says in a sentence what is wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.pool import StaticPool

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from sqlalchemy.exc import SQLAlchemyError

DEFERRED, FOR_WRITING = "BEGIN", "BEGIN IMMEDIATE"

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
DAMAGED = _REASONS["SQLITE_CORRUPT"]


def engine_of(path: Path, lock_seconds: float) -> Engine:
    """Return the engine of a file, whose transactions are begun by whoever uses it."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": lock_seconds, "isolation_level": None}
    )
    event.listen(engine, "connect", _keep_what_is_stored)
    return engine


def copy_in_memory(engine: Engine) -> Engine:
    """Return the engine of a copy in memory."""
    copy = create_engine("sqlite://", connect_args={"isolation_level": None}, poolclass=StaticPool)
    event.listen(copy, "connect", _keep_what_is_stored)
    with engine.connect() as source, copy.connect() as target:
        source.connection.driver_connection.backup(target.connection.driver_connection)  # type: ignore[union-attr]
    return copy


def _keep_what_is_stored(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


def reason(error: SQLAlchemyError | sqlite3.Error) -> str:
    """Return what is wrong with the file, after its name; "" if it is the grader that has used it wrongly."""
    original = getattr(error, "orig", error)
    name = getattr(original, "sqlite_errorname", "")
    return next((reason for known, reason in _REASONS.items() if name.startswith(known)), "")
