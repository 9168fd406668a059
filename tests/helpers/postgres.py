"""Starts a PostgreSQL server of its own on loopback, in a temporary folder, and stops it again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from helpers.patience import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534  # PostgreSQL refuses to run as root


class Server:
    """A running server; `database()` makes an empty database and returns its address."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._made = 0

    def database(self) -> str:
        import psycopg

        self._made += 1
        name = f"class{self._made}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        return self._address(name)

    def answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self._address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _address(self, database: str) -> str:
        return f"postgresql://grader:secret@127.0.0.1:{self._port}/{database}"


@contextmanager
def running() -> Iterator[Server]:
    """Yield a server; fail the test with what to install if there is no PostgreSQL."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="grader-postgres-"))
    as_user = []
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    try:
        made = subprocess.run(
            [*as_user, binaries / "initdb", "-D", folder / "data", "-U", "grader", "--auth=trust", "--no-sync"],
            capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ("listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*as_user, binaries / "postgres", "-D", folder / "data", "-p", str(port),
                 *(part for option in options for part in ("-c", option))],
                stdout=log, stderr=log, cwd="/",
            )  # fmt: skip
        server = Server(port)
        try:
            wait_until(lambda: process.poll() is not None or server.answers(), "PostgreSQL does not answer")
            assert process.poll() is None, (folder / "log").read_text()
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = [Path(path).resolve().parent for path in [shutil.which("postgres")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.fail("PostgreSQL is not installed: apt-get install postgresql")
