"""Runs `grade` inside this process: its own process takes seconds to start, and is tested where it matters."""

from __future__ import annotations

import io
import math
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.cli.main import run
from grader.course.finding import find_course
from grader.jobs import Done as DoneTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pytest

    from grader.grading import Grader
    from grader.jobs import Runner, Settings
    from grader.sandbox.outside.server import ForkServer, Isolation


class Done(NamedTuple):
    """What a command has said, and with which exit status it ended."""

    returncode: int
    stdout: str
    stderr: str


class _Stream(io.TextIOWrapper):
    """A stream as a process has it, which keeps what is written to it."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="", write_through=True)

    def text(self) -> str:
        """Return what was written."""
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


class Command:
    """`grade` as people type it, with a warm fork server in the place of one of its own."""

    def __init__(self, server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._server = server
        self._monkeypatch = monkeypatch

    def run(self, *arguments: object, cwd: Path, **environment: str) -> Done:
        """Run the command with these arguments in this folder; `environment` is added to ours."""
        encoding = environment.get("PYTHONIOENCODING", "utf-8")
        out, err = _Stream(encoding), _Stream(encoding)
        with self._monkeypatch.context() as changed, redirect_stdout(out), redirect_stderr(err):
            changed.chdir(cwd)
            changed.setattr("sys.argv", ["grade", *map(str, arguments)])
            changed.setattr("grader.grading.ForkServer", self.lent)
            for name, value in environment.items():
                changed.setenv(name, value)
            status = run()
        return Done(status, out.text(), err.text())

    @contextmanager
    def lent(self, wanted: Isolation, *_: Any) -> Iterator[ForkServer]:
        """Yield the warm fork server to whoever wants to start one; with a user it has nothing to do."""
        with self._monkeypatch.context() as changed:
            changed.setattr(self._server, "_wanted", wanted)
            yield self._server


def jobs_here(server: ForkServer) -> Runner:
    """Return what does at once what a class's jobs do in processes of their own, which take seconds to start."""

    def run_jobs(
        settings: Settings, work: Callable[[Grader, Any], Any], tasks: Iterable[Any], _count: int
    ) -> Iterator[DoneTask[Any, Any]]:
        from grader.grading import Grader

        grader = Grader(find_course(settings.root), server, seeds=settings.seeds, diagnosis_seconds=math.inf)
        for task in tasks:
            yield DoneTask(task, work(grader, task))

    return run_jobs  # type: ignore[return-value]


def work_off_by(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let classes that are not graded on a cluster be graded by a runner."""
    for user in ("grader.classroom.run", "grader.classroom.cluster.client"):
        monkeypatch.setattr(f"{user}.run_jobs", runner)
