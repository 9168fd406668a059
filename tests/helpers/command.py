"""Runs `grade` inside this process: its own process takes seconds to start, and is tested where it matters."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from grader.sandbox.outside.server import ForkServer, Isolation


class Done(NamedTuple):
    """What a command has said, and with which exit status it ended."""

    returncode: int
    stdout: str
    stderr: str


class Command:
    """`grade` as people type it, with a warm fork server in the place of one of its own."""

    def __init__(self, server: ForkServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._server = server
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def run(self, *arguments: object, cwd: Path, **environment: str) -> Done:
        """Run the command with these arguments in this folder; `environment` is added to ours."""
        self._capsys.readouterr()
        with self._monkeypatch.context() as changed:
            changed.chdir(cwd)
            changed.setattr("sys.argv", ["grade", *map(str, arguments)])
            changed.setattr("grader.grading.ForkServer", self.lent)
            for name, value in environment.items():
                changed.setenv(name, value)
            status = run()
        return Done(status, *self._capsys.readouterr())

    @contextmanager
    def lent(self, wanted: Isolation, *_: Any) -> Iterator[ForkServer]:
        """Yield the warm fork server to whoever wants to start one; with a user it has nothing to do."""
        with self._monkeypatch.context() as changed:
            changed.setattr(self._server, "_wanted", wanted)
            yield self._server
