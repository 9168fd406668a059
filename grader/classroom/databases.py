"""Opens the databases that gradebooks lie in, and says in a sentence what is wrong with one."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import StaticPool

from grader.distribution import requirement
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.orm import Session

POSTGRESQL = ("postgresql", "postgres")
NOTICE_SECONDS = 10.0  # before somebody is told that a lock is waited for: most last for a moment
_TRY_SECONDS = 1.0  # of one attempt to lock a file: between two, Ctrl-C is heard
_ONE_WRITER = 0x67726164  # the number of the lock that writers of a PostgreSQL database take one after the other

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
    # Classes of PostgreSQL's error codes, and single codes.
    "08": "cannot be reached any more: see whether the server runs, and run the command again",
    "57P": "cannot be reached any more: the server is shutting down; run the command again when it is back",
    "28": "does not let you in: correct user and password in the address",
    "3D": "does not exist on that server: make it with `createdb`, or correct the address",
    "42501": "may not be read or written by this user: grant the rights, or name another user",
    "25006": "may not be written: it is read-only",
    "53100": "cannot be written, because the server's disk is full: make room and run the command again",
    "53": "has no room for another connection or for more memory: wait, and run the command again",
    "40": "was changed by two commands at the same time: run the command again",
    "42P01": "does not have the tables of a gradebook: restore it from a copy, or name another database",
    "42703": "does not have the tables of a gradebook: restore it from a copy, or name another database",
}
DAMAGED = _REASONS["SQLITE_CORRUPT"]


def is_address(place: str) -> bool:
    """Tell the address of a database server from the name of a file."""
    return "://" in place


def shown(place: str) -> str:
    """Return what sentences call a gradebook: its file, or its address without the password."""
    return make_url(place).render_as_string(hide_password=True) if is_address(place) else place


def engine_of_file(path: Path, lock_seconds: float = _TRY_SECONDS) -> Engine:
    """Return the engine of a file, whose transactions are begun by `begin`, which may wait for a lock so long."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": min(_TRY_SECONDS, lock_seconds), "isolation_level": None},
    )
    event.listen(engine, "connect", _keep_what_is_stored)
    return engine


def engine_of_address(address: str) -> Engine:
    """Return the engine of a PostgreSQL database.

    Raises:
        UsageError: the address is not one of PostgreSQL, or the library for it is not installed.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise UsageError(
            "--gradebook is not an address that can be read: write postgresql://USER:PASSWORD@HOST/DATABASE."
        ) from error
    if url.drivername not in POSTGRESQL:
        raise UsageError(
            f"--gradebook is a file or an address that begins with postgresql://, not with {url.drivername}://."
        )
    try:
        import psycopg  # noqa: F401 - SQLAlchemy imports it by name
    except ImportError as error:
        raise UsageError(
            f"A gradebook in PostgreSQL needs the extra `postgres`: pip install {requirement('postgres')}"
        ) from error
    return create_engine(
        url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args={"connect_timeout": 10}
    )


def copy_in_memory(engine: Engine) -> Engine:
    """Return the engine of a copy of a file in memory."""
    copy = create_engine("sqlite://", connect_args={"isolation_level": None}, poolclass=StaticPool)
    event.listen(copy, "connect", _keep_what_is_stored)
    with engine.connect() as source, copy.connect() as target:
        source.connection.driver_connection.backup(target.connection.driver_connection)  # type: ignore[union-attr]
    return copy


def copy_file(engine: Engine, target: Path) -> None:
    """Copy a file as it is between two transactions, while others may be writing it."""
    with engine.connect() as source:
        copy = sqlite3.connect(target)
        try:
            source.connection.driver_connection.backup(copy)  # type: ignore[union-attr]
        finally:
            copy.close()


def begin(session: Session, *, writing: bool, seconds: float, waiting: Callable[[], None]) -> None:
    """Begin a transaction: one writer at a time, and readers see what was there when they began.

    Where another process holds a file's lock, it waits for up to some seconds; `waiting` is called once that lasts.
    """
    if session.connection().dialect.name == "postgresql":
        if writing:
            session.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})"))
        else:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        return
    began, told = time.monotonic(), False
    while True:
        try:
            # EXCLUSIVE, not IMMEDIATE: a commit then waits for nobody.
            session.execute(text("BEGIN EXCLUSIVE" if writing else "BEGIN"))
            session.execute(text("SELECT count(*) FROM sqlite_master"))
            return
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorname", "") != "SQLITE_BUSY" or time.monotonic() >= began + seconds:
                raise
            if session.connection().connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                session.execute(text("ROLLBACK"))
            if not told and time.monotonic() >= began + NOTICE_SECONDS:
                waiting()
                told = True


def _keep_what_is_stored(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


def reason(error: SQLAlchemyError | sqlite3.Error) -> str:
    """Return what is wrong with the database, after its name; "" if it is the grader that has used it wrongly."""
    original = getattr(error, "orig", error)
    code = getattr(original, "sqlstate", None)
    name = getattr(original, "sqlite_errorname", "") or code or ""
    found = next((reason for known, reason in _REASONS.items() if name.startswith(known)), "")
    if not found and code is None and type(original).__module__.startswith("psycopg"):  # no server has answered
        said = str(original).strip().splitlines()
        return f"cannot be used ({said[-1] if said else 'no answer'}): start the server, or correct the address"
    return found
