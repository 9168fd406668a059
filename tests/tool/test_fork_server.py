"""The fork server and its workers: what breaks before a submission's first line is the grader's error, told whole."""

from __future__ import annotations

import functools
import itertools
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course.finding import find_course
from grader.errors import GraderError
from grader.grading import Grader
from grader.results import Outcome
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.sandbox.outside.session import Session
from grader.sandbox.wire import messages
from grader.sandbox.wire.handles import Handle
from grader.submission.reading import read_submission
from helpers.course_factory import make_course, write_files
from helpers.doubling import GOOD as RIGHT
from helpers.equipment import BENCH, bench_of
from helpers.patience import wait_until
from helpers.sandbox import READY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = "def answer(value): return value"


# --- the fork server, and workers before the first line of the submission ------------------------------------------


class Harmed:
    """A fork server in which a function can be made to fail, and mended again."""

    def __init__(self, server: ForkServer) -> None:
        self.server = server
        self._numbers = itertools.count()

    def take(self, *lines: str) -> None:
        """Run lines of code in the fork server."""
        self.server.prepare(bench_of(f"# step {next(self._numbers)}", *lines))

    @contextmanager
    def without(self, function: str, instead: str) -> Iterator[None]:
        """Have `instead`, a statement, run where the function is called."""
        self.take(
            "import builtins, errno, os, pkgutil, signal",
            "from unittest import mock",
            f"real = pkgutil.resolve_name({function!r})",
            "def replaced(*given, **named):",
            f"    {instead}",
            "    return real(*given, **named)",
            f"builtins.harmed = mock.patch({function!r}, replaced)",
            "builtins.harmed.start()",
        )
        yield
        self.take("import builtins", "builtins.harmed.stop()")

    def session(self, source: str = SOURCE) -> Session:
        return Session(self.server, {"work.py": source}, {"answer": "work.py"}, call_seconds=1)

    def fault(self) -> GraderError:
        """Return the error that a call ends in."""
        with pytest.raises(GraderError) as caught:
            self.session().call("answer", (1,), {})
        return caught.value

    def is_well(self) -> bool:
        session = self.session()
        result = session.call("answer", (1,), {}).result
        session.close()
        return bool(result == 1)


@pytest.fixture(scope="module")
def harmed(isolation: Isolation) -> Iterator[Harmed]:
    with ForkServer(isolation, BENCH) as server:
        server.await_ready()  # it is ready now
        yield Harmed(server)


# What breaks, how, and what is said about it.
BREAKS = {
    "no memory for a process": (
        "os.fork",
        "raise OSError(errno.ENOMEM, 'Cannot allocate memory')",
        "The fork server broke: OSError: [Errno 12] Cannot allocate memory. The machine is out of memory",
    ),
    "no more processes": (
        "os.fork",
        "raise BlockingIOError(errno.EAGAIN, 'Resource temporarily unavailable')",
        "raise the limit with `ulimit -u`",
    ),
    "a bug before the confinement": ("os.chdir", "1 / 0", f"{READY}ZeroDivisionError: division by zero."),
    "an exit of ours": ("os.chdir", "raise SystemExit", f"{READY}SystemExit."),
    "no confinement": (
        "grader.sandbox.inside.confinement.confine",
        "raise PermissionError(1, 'No')",
        f"{READY}PermissionError",
    ),
    "a bug in the worker": ("grader.sandbox.inside.worker:Worker.__init__", "1 / 0", f"{READY}ZeroDivisionError"),
    "a message that is not understood": ("msgspec.msgpack.decode", "1 / 0", f"{READY}ZeroDivisionError"),
    "a workbench that is not there": (
        "grader.sandbox.workbench.opened",
        "if given[0].name == 'no workbench': raise ImportError('half a workbench')",
        f"{READY}ImportError: half a workbench.",
    ),
    "a bug in forbidding": ("grader.sandbox.inside.worker._forbid", "raise MemoryError", f"{READY}MemoryError"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_before_the_submissions_first_line_is_the_graders_fault(name: str, harmed: Harmed) -> None:
    function, instead, said = BREAKS[name]
    with harmed.without(function, instead):
        fault = harmed.fault()
    assert said in str(fault)
    assert "Traceback (most recent call last)" in fault.__notes__[0]
    assert harmed.is_well()


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "it ended unexpectedly: it was killed by SIGSEGV."),
        ("os._exit(5)", "it ended unexpectedly, with exit status 5."),
    ],
    ids=["a crash", "an end without a word"],
)
def test_a_worker_that_ends_before_the_submissions_first_line_is_the_graders_fault(
    instead: str, said: str, harmed: Harmed
) -> None:
    with harmed.without("os.chdir", instead):
        fault = harmed.fault()
    assert str(fault) == READY + said
    assert harmed.is_well()


@pytest.mark.confined  # /proc says what it has opened
def test_a_fork_server_that_may_not_open_more_files_is_the_graders_fault(harmed: Harmed) -> None:
    pid = harmed.server._process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    opened = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (opened, before[1]))
    fault = harmed.fault()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    assert "Too many open files. A process may not open more files: raise the limit with `ulimit -n" in str(fault)
    assert harmed.is_well()


def test_a_bug_in_the_fork_server_is_told_whole_and_does_not_end_it(harmed: Harmed) -> None:
    harmed.server._send(messages.Ready(0, seccomp=False))
    with pytest.raises(GraderError, match="The fork server broke: ValidationError") as caught:
        harmed.server._answer(messages.Ready)
    assert "zygote.py" in caught.value.__notes__[0]
    assert harmed.is_well()


ONCE = """
from pathlib import Path
if not Path({flag!r}).exists():
    Path({flag!r}).touch()
    raise OSError(12, "Cannot allocate memory")
"""


def test_a_fork_server_that_cannot_start_says_why() -> None:
    with ForkServer(Isolation.AUTO, bench_of("import no_such_module")) as server:
        for _ in range(2):
            with pytest.raises(GraderError) as caught:
                server.await_ready()
    assert str(caught.value) == "The fork server broke: ModuleNotFoundError: No module named 'no_such_module'."
    assert "_equip" in caught.value.__notes__[0]


def test_a_fork_server_that_could_not_get_ready_gets_another_try(tmp_path: Path, isolation: Isolation) -> None:
    course = find_course(make_course(tmp_path / "course"))
    write_files(tmp_path, {"right.py": RIGHT})
    with ForkServer(isolation, bench_of(ONCE.format(flag=str(tmp_path / "flag")))) as server:
        verdict = Grader(course, server).grade(read_submission(tmp_path / "right.py"), course.exercises)
    assert (verdict.outcome, verdict.points) == (Outcome.PASSED, 10)


def test_a_fork_server_without_memory_for_its_libraries_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 100 * 2**20  # address space: less than PyTorch alone maps
    popen = functools.partial(
        subprocess.Popen, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    )
    monkeypatch.setattr("grader.sandbox.outside.server.subprocess.Popen", popen)
    with (
        ForkServer(Isolation.AUTO, BENCH) as server,
        pytest.raises(GraderError, match="failed to map segment") as caught,
    ):
        server.await_ready()
    assert str(caught.value).endswith(" The machine is out of memory: close other programs, or use fewer --jobs.")


def test_a_fork_server_that_ends_at_once_says_what_it_complained_of_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec 0<&-\necho 'ImportError: half of msgspec' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("grader.sandbox.outside.server.sys.executable", str(python))
    said = r"The fork server ended unexpectedly: its exit status is 1. It said: ImportError: half of msgspec\."
    with pytest.raises(GraderError, match=said), ForkServer(Isolation.AUTO, BENCH) as server:
        server.await_ready()
    assert list(tmp_path.iterdir()) == [python]


def test_a_call_that_a_killed_fork_server_ends_accuses_nobody(isolation: Isolation) -> None:
    with ForkServer(isolation, BENCH) as server:
        session = Session(server, {"work.py": SOURCE}, {"answer": "work.py"}, call_seconds=1)
        assert session.call("answer", (1,), {}).result == 1
        os.kill(server._process.pid, signal.SIGKILL)
        server._process.wait()
        for _ in range(2):
            with pytest.raises(GraderError, match="The fork server ended unexpectedly: it was killed by SIGKILL"):
                session.call("answer", (1,), {})


def test_a_fault_that_does_not_come_again_is_no_function_that_guesses(
    graded: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn, faulty = ForkServer.spawn, iter([True])

    def spawned(server: ForkServer, *given: Any) -> Any:
        if next(faulty, False):
            raise GraderError("No process could be had.")
        return spawn(server, *given)

    monkeypatch.setattr(ForkServer, "spawn", spawned)
    check = (
        "from hypothesis import given, strategies\n@given(n=strategies.integers(0, 9))\n"
        'def test_double_of_two(submission, n):\n    """Twice."""\n    assert submission.double(n) == 2 * n\n'
    )
    result = graded(RIGHT, {"exercises/numbers/checks/test_double.py": check})
    assert (result.outcome, result.points) == (Outcome.PASSED, 10)


# --- after the first line of the submission ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os; os._exit(7)", "ended unexpectedly, with exit status 7 (is there an `exit`?)."),
        (
            "import ctypes; ctypes.string_at(0)",
            "ended unexpectedly: it was killed by SIGSEGV (recursion without end?).",
        ),
        ("import os; os.closerange(3, 64)\n    while True: pass", "stopped answering."),
    ],
    ids=["exit", "crash", "silence"],
)
def test_a_process_that_ends_in_a_call_is_the_submissions_failure_and_accuses_nobody(
    server: ForkServer, body: str, said: str
) -> None:
    session = Session(server, {"work.py": f"def answer():\n    {body}"}, {"answer": "work.py"}, call_seconds=5)
    error = session.call("answer", (), {}).error
    assert isinstance(error, SubmissionStopped)
    assert str(error) == f"`answer` did not return: the process that ran your code {said}"


def test_a_process_that_ends_at_the_import_is_the_submissions_failure_and_accuses_nobody(server: ForkServer) -> None:
    session = Session(server, {"work.py": "import os\nos._exit(0)"}, {"answer": "work.py"}, call_seconds=1)
    with pytest.raises(SubmissionStopped) as caught:
        session.call("answer", (), {})
    assert str(caught.value) == (
        "Importing your file failed: the process that ran your code ended unexpectedly, with exit status 0 "
        "(is there an `exit`?)."
    )


def test_a_result_of_too_much_text_is_told_as_such(server: ForkServer) -> None:
    source = "def answer(): return [str(number) * 1000 for number in range(4000)]"
    session = Session(server, {"work.py": source}, {"answer": "work.py"}, call_seconds=5)
    error = session.call("answer", (), {}).error
    session.close()
    assert str(error) == "`answer` returned too much: more than 4 MiB of text and numbers outside tensors."


def test_an_object_that_cannot_be_made_beside_a_submission_does_not_accuse_its_function(server: ForkServer) -> None:
    session = Session(server, {"work.py": SOURCE}, {"answer": "work.py"}, call_seconds=1, equipment=BENCH)
    error = session.call("answer", (Handle("denoiser", {"kind": "no such"}),), {}).error
    session.close()
    assert isinstance(error, SubmissionError)
    assert str(error) == "`answer` was not called: its arguments could not be made (KeyError: 'no such')."


# --- nothing is left behind -------------------------------------------------------------------------------------------


def test_a_workbench_that_cannot_be_run_is_the_graders_error(server: ForkServer) -> None:
    with pytest.raises(GraderError, match="no_such_module"):
        server.prepare(bench_of("import no_such_module"))


def test_no_worker_and_no_folder_outlives_the_server() -> None:
    own = ForkServer(Isolation.AUTO)
    worker = own.spawn({"work.py": "def answer(): pass"}, 10)
    folder, pid = own._folder, worker.pid
    own.close()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_fork_server_is_the_graders_error_and_leaves_no_worker() -> None:
    with ForkServer(Isolation.AUTO) as server:
        worker = server.spawn({"work.py": "def answer(): pass"}, 10)
        os.kill(server._process.pid, signal.SIGKILL)
        server._process.wait()
        with pytest.raises(GraderError, match="ended unexpectedly"):
            server.spawn({"work.py": ""}, 10)
        wait_until(lambda: _is_gone(worker.pid), "the worker outlived its fork server")


def test_a_killed_judge_leaves_nothing_behind() -> None:
    script = """
import os, sys
from grader.sandbox import limits
from grader.sandbox.outside.server import ForkServer, Isolation
server = ForkServer(Isolation.AUTO)
worker = server.spawn({"work.py": ""}, 10)
print(server._process.pid, worker.pid, server._folder, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    *pids, folder = done.stdout.split()
    assert len(pids) == 2, done.stderr
    wait_until(
        lambda: all(_is_gone(int(pid)) for pid in pids) and not Path(folder).exists(),
        "a process or a folder outlived the judge",
    )


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
