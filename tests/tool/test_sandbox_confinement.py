"""What a submission's functions cannot reach in a confined worker, and what they may do there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import grader
from grader.errors import UsageError
from grader.sandbox.outside.failures import SubmissionError
from grader.sandbox.wire import messages
from helpers.course_factory import make_course
from helpers.equipment import BENCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.outside.server import ForkServer

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
        "grader.workbench.shared_networks",
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


@pytest.mark.confined
def test_strict_isolation_is_refused_where_it_cannot_be_had(
    server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server._trunk, "ready", messages.Ready(landlock_abi=3, seccomp=True))
    with pytest.raises(UsageError, match="needs Linux with Landlock ABI 4 or newer"):
        server.await_ready()


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
