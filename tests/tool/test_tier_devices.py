"""Workers with a device: what its driver starts is confined, and the model is there before the submission."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from grader.errors import GraderError
from grader.sandbox.outside.server import ForkServer, Machine
from grader.sandbox.outside.session import Session
from helpers.equipment import BENCH, bench_of
from helpers.patience import PLENTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.sandbox.wire.messages import Equipment


@pytest.fixture
def opened(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def open_session(machine: Machine, equipment: Equipment = BENCH, source: str = "def answer(): return 1") -> Session:
        monkeypatch.setattr(server, "_machine", machine)
        sessions.append(
            Session(server, {"work.py": source}, {"answer": "work.py"}, call_seconds=PLENTY, equipment=equipment)
        )
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()


def on_device(step: str, *lines: str) -> Equipment:
    """Return a workbench that takes this step in a worker to bring its model to a device."""
    return msgspec.structs.replace(bench_of(*lines, value=f"Workbench(to_device=lambda: {step})"), model={})


@pytest.mark.confined
def test_threads_that_a_driver_starts_are_confined_too(opened: Callable[..., Session]) -> None:
    session = opened(Machine(device="cuda"), on_device("tqdm.tqdm(desc='a library that watches')", "import tqdm"))
    assert session.call("answer", (), {}).result == 1
    worker = session._worker
    assert worker is not None
    statuses = [path.read_text() for path in Path(f"/proc/{worker.pid}/task").glob("*/status")]
    assert len(statuses) > 1
    assert {line for status in statuses for line in status.splitlines() if line.startswith("Seccomp:")} == {
        "Seccomp:\t2"
    }


@pytest.mark.confined
def test_last_steps_are_taken_before_the_submission_and_in_reach_of_no_file(opened: Callable[..., Session]) -> None:
    session = opened(Machine(device="cuda"), on_device("open('/etc/passwd')"))
    with pytest.raises(GraderError, match="could not be made ready: PermissionError"):
        session.call("answer", (), {})


@pytest.mark.confined
def test_a_worker_in_an_interpreter_of_its_own_answers_and_is_confined(opened: Callable[..., Session]) -> None:
    source = """
import sys
def answer():
    try: return open("/etc/passwd").read()
    except PermissionError: return len(sys.argv)
"""
    forked, anew = (
        opened(machine, source=source).call("answer", (), {}).result for machine in (Machine(), Machine(device="mps"))
    )
    assert (forked, anew) == (1, 2)  # the interpreter of its own was told what to do
