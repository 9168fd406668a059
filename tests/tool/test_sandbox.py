"""A submission's functions run in confined workers: what comes back, when they are stopped, what they cannot reach."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

import grader
from grader.course.model import Function
from grader.errors import GraderError, UsageError
from grader.sandbox import limits
from grader.sandbox.outside.deadline import Deadline
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.sandbox.outside.session import Session
from grader.sandbox.wire import messages
from helpers.course_factory import make_course
from helpers.equipment import BENCH, bench_of
from helpers.patience import BRIEF, ENDLESS, PLENTY, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FUNCTION = Function("answer", ("value", "other"), "", "def answer(value, other)")


@pytest.fixture
def session(server: ForkServer) -> Iterator[Callable[..., Session]]:
    opened = []

    def open_session(source: str | dict[str, str], **options: Any) -> Session:
        files = {"work.py": source} if isinstance(source, str) else source
        options = {"call_seconds": PLENTY, **options}
        opened.append(Session(server, files, {"answer": next(iter(files))}, **options))
        return opened[-1]

    yield open_session
    for each in opened:
        each.close()


@pytest.fixture
def _only_cpu_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a call that computes without end wait for its turn as long as it must, however busy the machine is."""
    monkeypatch.setattr(Deadline, "wall_seconds", ENDLESS)
    monkeypatch.setattr(limits, "EXERCISE_CALLS", ENDLESS / BRIEF)


@pytest.fixture
def answer(session: Callable[..., Session]) -> Callable[..., Any]:
    """Call `answer` of a submission with this source."""
    return lambda source, *arguments, **options: RemoteSubmission(session(source, **options), (FUNCTION,)).answer(
        *arguments
    )


# --- plain calls ---


def test_a_call_returns_what_the_function_returns(answer: Callable[..., Any]) -> None:
    assert torch.equal(answer("def answer(value): return value * 2", torch.ones(2)), torch.full((2,), 2.0))


def test_the_callers_arguments_stay_as_they_are_and_the_changed_ones_can_be_seen(
    session: Callable[..., Session],
) -> None:
    table = torch.zeros(2)
    remote = RemoteSubmission(session("def answer(value, other): value.add_(other); print('hello')"), (FUNCTION,))
    call = remote.answer.called_with(table, other=3)
    assert torch.equal(table, torch.zeros(2))
    assert torch.equal(call.arguments["value"], torch.full((2,), 3.0))
    assert call.arguments["other"] == 3
    assert call.printed == "hello\n"


def test_keywords_become_positions_so_that_students_may_rename_parameters(session: Callable[..., Session]) -> None:
    remote = RemoteSubmission(session("def answer(a, b): return a - b"), (FUNCTION,))
    assert remote.answer(value=3, other=1) == 2


def test_a_function_that_the_stub_lacks_is_an_error_of_the_check(session: Callable[..., Session]) -> None:
    with pytest.raises(AttributeError, match="no function `other`"):
        RemoteSubmission(session("def answer(): pass"), (FUNCTION,)).other()


@pytest.mark.parametrize(
    ("returns", "expression", "expected"),
    [
        ("int", "np.int64(3)", 3),
        ("int", "torch.tensor(3)", 3),
        ("float", "torch.tensor(0.5)", 0.5),
        ("float", "np.float64(0.5)", 0.5),
        ("float", "1", 1.0),
        ("torch.Tensor", "torch.nn.Parameter(torch.ones(1))", torch.ones(1)),
        ("None", "'ignored'", None),
    ],
)
def test_a_result_counts_in_any_reasonable_spelling(
    session: Callable[..., Session], returns: str, expression: str, expected: Any
) -> None:
    function = Function("answer", (), returns, "")
    source = f"import numpy as np, torch\ndef answer(): return {expression}"
    result = RemoteSubmission(session(source), (function,)).answer()
    assert type(result) is type(expected)
    assert result == expected


@pytest.mark.parametrize(
    ("returns", "expression", "sentence"),
    [
        ("int", "1.0", "`answer` returned a float; it must return an int."),
        ("int", "True", "`answer` returned a bool; it must return an int."),
        (
            "int",
            "None",
            "`answer` returned None; it must return an int. Is its `return` missing, or is its end reached without one?",
        ),
        ("torch.Tensor", "[1.0]", "`answer` returned a list; it must return an ordinary torch.Tensor."),
        ("torch.Tensor", "np.ones(2)", "`answer` returned a NumPy array; it must return an ordinary torch.Tensor."),
        ("torch.Tensor", "Odd(torch.ones(2))", "`answer` returned an Odd; it must return an ordinary torch.Tensor."),
    ],
)
def test_a_result_of_another_kind_fails_in_a_sentence(
    session: Callable[..., Session], returns: str, expression: str, sentence: str
) -> None:
    function = Function("answer", (), returns, "")
    source = f"import numpy as np, torch\nclass Odd(torch.Tensor): pass\ndef answer(): return {expression}"
    with pytest.raises(SubmissionError) as caught:
        RemoteSubmission(session(source), (function,)).answer()
    assert str(caught.value) == sentence


def test_equal_calls_meet_other_random_numbers_within_an_example_and_the_same_when_it_is_replayed(
    session: Callable[..., Session],
) -> None:
    source = "import random, numpy, torch\ndef answer(): return [random.random(), float(numpy.random.rand()), float(torch.rand(()))]"
    opened = session(source)
    remote = RemoteSubmission(opened, (FUNCTION,))
    first, second = remote.answer(), remote.answer()
    opened.transcript.begin_example()
    assert all(a != b for a, b in zip(first, second, strict=True))
    assert [remote.answer(), remote.answer()] == [first, second]


def test_the_transcript_holds_the_calls_of_the_example_and_some_of_those_before(
    session: Callable[..., Session],
) -> None:
    opened = session("def answer(value): return -value")
    remote = RemoteSubmission(opened, (FUNCTION,))
    opened.transcript.begin_check()
    remote.answer(1)
    opened.transcript.begin_example()
    remote.answer(2)
    (call,) = opened.transcript.example
    assert (call.question.call.function, call.result, call.question.arguments()) == ("answer", -2, ([2], {}))
    assert [earlier.result for earlier in opened.transcript.sample] == [-1]


# --- files of a submission ---


def test_files_import_each_other_from_their_folder_and_from_the_root(answer: Callable[..., Any]) -> None:
    files = {
        "lesson/work.py": "from .near import one\nimport near\nfrom tools.far import two\ndef answer(): return one + two + near.one",
        "lesson/near.py": "one = 1",
        "tools/far.py": "two = 2",
    }
    assert answer(files) == 4


def test_relative_imports_work_at_the_top_of_a_submission_too(answer: Callable[..., Any]) -> None:
    assert (
        answer(
            {
                "work.py": "from .near import one\nfrom . import near\ndef answer(): return one + near.one",
                "near.py": "one = 1",
            }
        )
        == 2
    )


def test_torch_compile_is_no_obstacle(answer: Callable[..., Any]) -> None:
    source = "import torch\ndef answer(value): return torch.compile(lambda x: x * 2)(value)"
    assert answer(source, torch.ones(1)).item() == 2


def test_temporary_files_are_made_in_the_private_folder(answer: Callable[..., Any]) -> None:
    source = "import os, tempfile\ndef answer():\n    with tempfile.NamedTemporaryFile() as file: return os.path.dirname(file.name) == os.getcwd()"
    assert answer(source) is True


def test_a_module_called_random_harms_nobody_but_its_author(answer: Callable[..., Any]) -> None:
    files = {"work.py": "import torch\ndef answer(): return float(torch.rand(()))", "random.py": "raise SystemExit"}
    assert 0 <= answer(files) < 1
    assert answer({"random.py": "import random\ndef answer(): return random.Random(1).random() > 0"}) is True


# --- exceptions ---


def test_an_exception_comes_back_with_the_students_lines_only(answer: Callable[..., Any]) -> None:
    source = "import torch\ndef helper(x):\n    return torch.ones(2) @ x\n\ndef answer(x):\n    return helper(x)\n"
    with pytest.raises(SubmissionError) as caught:
        answer(source, torch.ones(3))
    assert caught.value.error == "RuntimeError"
    assert [(line.file, line.line, line.function) for line in caught.value.lines] == [
        ("work.py", 6, "answer"),
        ("work.py", 3, "helper"),
    ]
    assert "return torch.ones(2) @ x" in str(caught.value)
    assert "site-packages" not in str(caught.value)


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "MemoryError", "RecursionError"])
def test_any_exception_is_the_submissions_own(answer: Callable[..., Any], name: str) -> None:
    with pytest.raises(SubmissionError, match=name):
        answer(f"def answer(): raise {name}")


def test_skipping_from_inside_is_an_exception_like_any_other(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match="Skipped"):
        answer("import pytest\ndef answer(): pytest.skip('please')")


def test_an_unwritten_function_says_so(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError) as caught:
        answer("def answer(): raise NotImplementedError")
    assert str(caught.value) == "`answer` is not written yet."


def test_a_file_that_cannot_be_imported_says_why_and_where(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionStopped) as caught:
        answer("import torch\nx = torch.oens(3)\ndef answer(): pass")
    assert "Importing your file raised AttributeError" in str(caught.value)
    assert "work.py, line 2" in str(caught.value)


def test_a_forbidden_import_is_refused_with_a_sentence(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionStopped, match="`colorsys` may not be imported in this exercise"):
        answer("import colorsys\ndef answer(): pass", forbidden=("colorsys",))
    with pytest.raises(SubmissionError, match="`wave` may not be imported in this exercise"):
        answer("def answer():\n    import wave", forbidden=("wave",))


@pytest.mark.confined
@pytest.mark.parametrize("module", ["wave", "wsgiref", "concurrent.futures"])
def test_a_forbidden_module_is_out_of_reach_even_around_the_refusal(answer: Callable[..., Any], module: str) -> None:
    source = f"""
import importlib, sys
def answer():
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "grader.sandbox.inside.worker"]
    [sys.modules.pop(name) for name in list(sys.modules) if name.startswith("{module}")]
    return importlib.import_module("{module}").__name__
"""
    assert answer(source) == module
    with pytest.raises(SubmissionError, match=f"(PermissionError|ModuleNotFoundError).*{module.rpartition('.')[2]}"):
        answer(source, forbidden=(module,))


def test_other_parameters_than_the_statements_are_answered_with_the_signature(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match=r"It is called as in the statement: def answer\(value, other\)"):
        answer("def answer(value): pass", 1, 2)


def test_a_class_in_the_functions_place_is_named_as_such(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match="`answer` is a class; it must be a function"):
        answer("class answer: pass")


def test_endless_recursion_shows_its_line_once(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError) as caught:
        answer("def answer():\n    return answer()")
    assert len(caught.value.lines) == 1


def test_a_broken_repr_of_an_exception_breaks_nothing(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match="Odd"):
        answer("class Odd(Exception):\n    def __str__(self): raise ValueError\ndef answer(): raise Odd")


def test_printing_without_end_is_cut(session: Callable[..., Session]) -> None:
    source = "def answer():\n    for n in range(1000): print(n, 'x' * 995)"
    call = RemoteSubmission(session(source), (FUNCTION,)).answer.called_with()
    first, *rest = call.printed.splitlines()
    assert len(call.printed) <= limits.MAX_PRINTED
    assert first.startswith("... (9")
    assert first.endswith("characters before this are left out)")
    assert rest[-1].startswith("999 ")


# --- limits ---


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
    with pytest.raises(SubmissionStopped, match=r"stopped after 0\.2 seconds of waiting: does it sleep"):
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


# --- confinement ---

REACHES = {
    "read the course": "open({course!r})",
    "read /etc/passwd": "open('/etc/passwd')",
    "read the home folder": "os.listdir(os.path.expanduser('~root'))",
    "read its own environment": "open('/proc/self/environ')",
    "read the parent's command line": "open(f'/proc/{os.getppid()}/cmdline')",
    "list processes": "os.listdir('/proc')",
    "write outside its folder": "open('/tmp/written-by-a-submission', 'w')",
    "change permissions": "os.chmod({course!r}, 0o777)",
    "change times": "os.utime({course!r})",
    "connect": "socket.socket()",
    "listen on an abstract socket": "socket.socket(socket.AF_UNIX)",
    "fork": "os.fork()",
    "start a program": "os.execv('/bin/true', ['true'])",
    "start a subprocess": "__import__('subprocess').run(['true'])",
    "signal its parent": "os.kill(os.getppid(), 0)",
    "signal everybody": "os.kill(-1, 0)",
    "raise a limit": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "change its user": "os.setuid(1)",
    "enter a namespace": "check(ctypes.CDLL(None, use_errno=True).unshare(0x10000000))",
    "trace its parent": "check(ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0))",
    "make a node": "os.mkfifo('fifo')",
    "link the course here": "os.link({course!r}, 'mine')",
}


@pytest.mark.confined
@pytest.mark.parametrize("reach", REACHES.values(), ids=REACHES.keys())
def test_nothing_outside_can_be_reached(answer: Callable[..., Any], reach: str) -> None:
    course = str(Path(__file__).parents[2] / "pyproject.toml")
    source = f"""
import ctypes, os, resource, socket
def check(result):
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def answer():
    try:
        return repr({reach.replace("{course!r}", repr(course))})
    except (OSError, ValueError) as error:
        return type(error).__name__
"""
    assert answer(source) in ("PermissionError", "OSError", "ValueError")
    assert not Path("/tmp/written-by-a-submission").exists()


def test_the_environment_and_the_arguments_hold_nothing_of_the_judges(answer: Callable[..., Any]) -> None:
    environment, arguments = answer("import os, sys\ndef answer(): return [dict(os.environ), sys.argv]")
    allowed = {"PATH", "LANG", "LC_CTYPE", "OMP_NUM_THREADS", "TORCH_COMPILE_DISABLE", "HOME", "TMPDIR"}
    assert os.environ.keys() - allowed, "the judge has nothing to hide, so this proves nothing"
    assert set(environment) <= allowed
    assert environment["HOME"] != os.environ.get("HOME")
    assert [Path(argument).name for argument in arguments] == ["zygote.py"]


def test_only_its_own_channel_is_open(answer: Callable[..., Any]) -> None:
    source = """
import os, stat
def answer():
    kinds = []
    for number in range(1024):
        try: kinds.append(stat.S_IFMT(os.fstat(number).st_mode))
        except OSError: pass
    return [kinds.count(stat.S_IFCHR), kinds.count(stat.S_IFSOCK), len(kinds)]
"""
    assert answer(source) == [3, 1, 4]


def test_a_worker_holds_none_of_the_judges_modules(answer: Callable[..., Any]) -> None:
    source = "import sys\ndef answer(): return sorted(name for name in sys.modules if name.startswith('grader'))"
    assert answer(source, equipment=BENCH) == [
        "grader", "grader.diffusion", "grader.diffusion.digests", "grader.garbage", "grader.sandbox", "grader.sandbox.folder", "grader.sandbox.inside",
        "grader.sandbox.inside.confinement", "grader.sandbox.inside.emptying", "grader.sandbox.inside.landlock", "grader.sandbox.inside.libc",
        "grader.sandbox.inside.seccomp", "grader.sandbox.inside.worker", "grader.sandbox.limits", "grader.sandbox.wire",
        "grader.sandbox.wire.frames", "grader.sandbox.wire.handles", "grader.sandbox.wire.messages", "grader.sandbox.wire.printed",
        "grader.sandbox.wire.values", "grader.sandbox.workbench", "grader.version", "grader.workbench",
        "grader.workbench.denoisers", "grader.workbench.logs", "grader.workbench.readers", "grader.workbench.recipes",
    ]  # fmt: skip


def test_a_worker_imports_nothing_for_itself_when_it_is_called(answer: Callable[..., Any]) -> None:
    """Every worker would do so anew: NumPy imports `numpy.random`, which is seeded, as late as it can."""
    source = "import sys\nbefore = set(sys.modules)\ndef answer(): return sorted(set(sys.modules) - before)"
    assert answer(source, equipment=BENCH) == []


@pytest.mark.confined
def test_it_has_no_privileges_left_even_if_root_grades(answer: Callable[..., Any]) -> None:
    source = "import os\ndef answer():\n    os.mkdir('closed', 0)\n    os.listdir('closed')"
    with pytest.raises(SubmissionError, match="PermissionError"):
        answer(source)


def test_it_may_write_in_its_own_folder_and_read_its_own_files(answer: Callable[..., Any]) -> None:
    source = """
import pathlib
def answer():
    pathlib.Path('note.txt').write_text('mine')
    return pathlib.Path('note.txt').read_text() + pathlib.Path(__file__).read_text()[:7]
"""
    assert answer(source) == "mine\nimport"


def test_it_may_start_threads(answer: Callable[..., Any]) -> None:
    source = """
from concurrent.futures import ThreadPoolExecutor
def answer():
    with ThreadPoolExecutor(4) as pool: return list(pool.map(abs, [-1, -2]))
"""
    assert answer(source) == [1, 2]


# --- the fork server ---


@pytest.mark.confined
def test_strict_isolation_is_refused_where_it_cannot_be_had(
    server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server._trunk, "ready", messages.Ready(landlock_abi=3, seccomp=True))
    with pytest.raises(UsageError, match="needs Linux with Landlock ABI 4 or newer"):
        server.await_ready()


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


READS_THE_GRADER = """
import importlib, sys
from pathlib import Path

def double(number):
    home = Path(sys.modules["grader.sandbox.inside.worker"].__file__).parents[2]
    try:
        importlib.import_module("grader.checks.assertions").assert_close
    except (ImportError, PermissionError):
        try:
            (home / "checks" / "assertions.py").read_text()
        except PermissionError:
            return 2 * number
    return number
"""


POINTS_STRICT_AND_OFF = """
import sys
from pathlib import Path
from grader.course.finding import find_course
from grader.grading import Grader
from grader.submission.reading import read_submission
from grader.sandbox import limits
from grader.sandbox.outside.server import ForkServer, Isolation

course = find_course(Path.cwd())
with ForkServer(Isolation.STRICT) as server:
    for server._wanted in (Isolation.STRICT, Isolation.OFF):
        print(Grader(course, server).grade(read_submission(Path(sys.argv[1])), course.exercises).points)
"""


@pytest.mark.confined
def test_the_grader_cannot_be_read_where_it_is_installed_among_packages(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "installed"], check=True)
    [packages] = (tmp_path / "installed").glob("lib/python*/site-packages")
    shutil.copytree(Path(grader.__file__).parent, packages / "grader", ignore=shutil.ignore_patterns("tiny_sd"))
    (packages / "others.pth").write_text("\n".join(entry for entry in sys.path if entry.endswith("-packages")))
    course = make_course(tmp_path / "course")
    (tmp_path / "work.py").write_text(READS_THE_GRADER)
    done = subprocess.run(
        [tmp_path / "installed/bin/python", "-c", POINTS_STRICT_AND_OFF, tmp_path / "work.py"],
        cwd=course, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["10.0", "0.0"], done.stderr


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
