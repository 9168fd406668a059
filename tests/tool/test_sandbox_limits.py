"""Limits of a submission's functions in workers: what computes, waits or grows without end is stopped."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import grader
from grader.sandbox import limits
from grader.sandbox.outside.deadline import Deadline
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.server import ForkServer, Isolation
from helpers.patience import BRIEF, ENDLESS
from helpers.sandbox import FUNCTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.outside.session import Session


@pytest.fixture
def _only_cpu_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a call that computes without end wait for its turn as long as it must, however busy the machine is."""
    monkeypatch.setattr(Deadline, "wall_seconds", ENDLESS)
    monkeypatch.setattr(limits, "EXERCISE_CALLS", ENDLESS / BRIEF)


@pytest.mark.usefixtures("_only_cpu_time_is_limited")
def test_a_loop_without_end_is_stopped_and_its_line_named(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionStopped) as caught:
        answer("def answer():\n    n = 0\n    while True:\n        n += 1", call_seconds=BRIEF)
    assert "stopped after 0.1 seconds: does it contain an endless loop?" in str(caught.value)
    assert caught.value.lines[0].line in (3, 4)


@pytest.mark.usefixtures("_only_cpu_time_is_limited")
def test_a_loop_that_swallows_the_deadline_is_killed(answer: Callable[..., Any]) -> None:
    source = """
def answer():
    while True:
        try:
            for _ in iter(int, 1): sum(range(100))
        except BaseException: pass
"""
    with pytest.raises(SubmissionStopped, match=r"stopped after 0\.1 seconds"):
        answer(source, call_seconds=BRIEF)


def test_waiting_without_end_is_stopped_too(answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deadline, "wall_seconds", 0.2)
    with pytest.raises(SubmissionStopped, match=r"stopped after 0\.2 seconds on the clock, before .*: does it sleep"):
        answer("import time\ndef answer(): time.sleep(1000)")


def test_a_call_may_wait_much_longer_than_compute() -> None:
    assert Deadline(0.1).wall_seconds == pytest.approx(5.4)
    assert Deadline(10).wall_seconds == 45


@pytest.mark.usefixtures("_only_cpu_time_is_limited")
def test_after_some_timeouts_the_other_calls_are_not_tried(session: Callable[..., Session]) -> None:
    remote = RemoteSubmission(session("def answer():\n    while True: pass", call_seconds=BRIEF), (FUNCTION,))
    for _ in range(limits.MAX_TIMEOUTS):
        with pytest.raises(SubmissionStopped, match="endless loop"):
            remote.answer()
    with pytest.raises(SubmissionStopped, match="Not run: 2 calls before this one"):
        remote.answer()


def test_a_new_worker_follows_one_that_stopped(session: Callable[..., Session]) -> None:
    remote = RemoteSubmission(
        session("import os\ndef answer(value):\n    if value: os._exit(0)\n    return 'alive'"), (FUNCTION,)
    )
    with pytest.raises(
        SubmissionStopped,
        match="`answer` did not return: the process that ran your code ended unexpectedly, with exit status 0",
    ):
        remote.answer(True)
    assert remote.answer(False) == "alive"


@pytest.mark.confined
def test_too_much_memory_is_an_exception_in_the_submission(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match=r"MemoryError|can't allocate memory"):
        answer("import torch\ndef answer(): return torch.ones(2**32)")


def test_recursion_without_end_ends_in_a_failure(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match="RecursionError"):
        answer("def answer(): return answer()")


@pytest.mark.confined  # its memory is limited by what /proc says of the fork server
@pytest.mark.usefixtures("_only_cpu_time_is_limited")
def test_without_isolation_limits_and_deadlines_still_hold(
    server: ForkServer, answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_wanted", Isolation.OFF)
    assert server.isolation is Isolation.OFF
    assert answer("def answer(): return open('/etc/passwd').read(4)")
    with pytest.raises(SubmissionStopped):
        answer("def answer():\n    while True: pass", call_seconds=BRIEF)
    with pytest.raises(SubmissionError, match=r"MemoryError|can't allocate memory"):
        answer("import torch\ndef answer(): return torch.ones(2**32)")


def test_every_limit_stands_in_one_module() -> None:
    words = ("MAX", "LIMIT", "BYTES", "SECONDS", "FILES", "THREADS", "CALLS")
    found = [
        f"{path.name}: {target.id}"
        for path in (Path(grader.__file__).parent / "sandbox").rglob("*.py")
        if path.name != "limits.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and all(isinstance(n, ast.Constant | ast.BinOp | ast.operator) for n in ast.walk(node.value))
        for target in node.targets
        if isinstance(target, ast.Name) and any(word in target.id.split("_") for word in words)
    ]
    assert found == ["seccomp.py: _INSTRUCTION_BYTES"]  # which is the kernel's
