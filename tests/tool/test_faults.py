"""Whose fault it is: what users name ends in 2, what breaks the grader in 3, and neither is the submission's zero."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader import faults
from grader.classroom.gradebook import Gradebook
from grader.cli import main
from grader.desk.warm.client import Unavailable, WarmJudge
from grader.errors import GraderError, UsageError
from grader.jobs import Settings, run_jobs
from grader.notebook.execute import why_it_does_not_run
from grader.notebook.extension import _answer_or_reason
from grader.results import Outcome
from grader.sandbox import folder
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.sandbox.wire import messages
from grader.submission.reading import read_submission
from helpers import closed_paths, other_user
from helpers.course_factory import make_course, write_files
from helpers.notebooks import notebook
from helpers.sandbox import READY

if TYPE_CHECKING:
    from collections.abc import Callable

RIGHT = "def double(number): return number * 2"


# --- paths that somebody named -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def closed() -> dict[str, list[Any]]:
    """Return the exit status and the words of every command that meets a path that is closed to it."""
    if why := other_user.why_not():
        pytest.skip(why)
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        done = other_user.run([closed_paths.__file__], Path(home), capture_output=True)
        assert done.returncode == 0, done.stderr
        found: dict[str, list[Any]] = json.loads(done.stdout.splitlines()[-1])  # commands wrote the lines before
        return found


@pytest.mark.parametrize("name", closed_paths.CASES)
def test_a_path_that_may_not_be_used_is_the_users_to_open(name: str, closed: dict[str, list[Any]]) -> None:
    status, said = closed[name]
    assert (status, said.count("\n")) == (2, 1), said
    assert closed_paths.CASES[name].path.removeprefix("course/") in said
    assert "cannot be" in said


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.ENOENT, errno.EISDIR])
def test_what_keeps_a_path_from_being_used_is_told_with_its_name(number: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught, faults.writing(tmp_path / "out.json", "name another file."):
        raise OSError(number, os.strerror(number), "somewhere/else")
    assert str(caught.value) == f"{tmp_path}/out.json cannot be written ({os.strerror(number)}): name another file."


@pytest.mark.parametrize("number", [errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO])
def test_no_path_is_to_blame_for_what_the_machine_lacks(number: int, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(number)), faults.reading(tmp_path):
        raise OSError(number, os.strerror(number), str(tmp_path))


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    write_files(tmp_path, {"page.md": b"# \xff\n"})
    with pytest.raises(UsageError, match=r"page\.md is not UTF-8 \(byte 2\): save it as UTF-8"):
        faults.text_of(tmp_path / "page.md")


def test_no_submission_is_marked_down_for_a_disk_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"work.py": RIGHT})
    monkeypatch.setattr("grader.submission.disk.os.open", raising(OSError(errno.EIO, "Input/output error")))
    with pytest.raises(OSError, match="Input/output error"):
        read_submission(tmp_path / "work.py")


def test_no_submission_is_blamed_for_a_folder_that_the_judge_cannot_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.sandbox.folder.os.scandir", raising(OSError(errno.EMFILE, "Too many open files")))
    with pytest.raises(OSError, match="Too many open files"):
        folder.over_quota(tmp_path)


# --- what reaches the top ------------------------------------------------------------------------------------------


def raising(error: BaseException) -> Callable[..., Any]:
    def function(*_: object, **__: object) -> None:
        raise error

    return function


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command in a course, in this process; return its exit status and what it says on standard error."""
    monkeypatch.delenv(faults.DEBUG, raising=False)
    monkeypatch.chdir(make_course(tmp_path / "course"))
    write_files(tmp_path, {"right.py": RIGHT, "handins/ada.py": RIGHT})

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["grade", *arguments])
        return main.run(), capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "The machine is out of memory: close other programs"),
        (MemoryError(), "The machine is out of memory: close other programs"),
        (OSError(errno.EMFILE, "Too many open files", "x"), "raise the limit with `ulimit -n 4096`"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "raise the limit with `ulimit -u`"),
        (OSError(errno.ENOSPC, "No space left on device"), "or set TMPDIR to another folder."),
        (PermissionError(errno.EACCES, "Permission denied", f"{tempfile.gettempdir()}/x"), "Set TMPDIR to a folder"),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), "Set TMPDIR to a folder"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "BrokenPipeError: [Errno 32] Broken pipe."),
        (ZeroDivisionError("ours"), "ZeroDivisionError: ours."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_nobody_named_is_the_graders_own_and_says_what_to_do(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, error: BaseException, advice: str
) -> None:
    monkeypatch.setattr("grader.course.finding.find_course", raising(error))
    status, said = run("record", "--check")
    assert status == 3
    assert said.startswith("grade: The grader broke, which says nothing about your work. ")
    assert advice in said
    assert said.endswith(" Set GRADE_DEBUG=1 to see the traceback.\n")
    assert said.count("\n") == 1


def test_the_traceback_is_shown_on_demand_and_the_exit_status_stays(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.course.finding.find_course", raising(ZeroDivisionError("ours")))
    monkeypatch.setenv(faults.DEBUG, "1")
    status, said = run("record", "--check")
    assert status == 3
    assert "Traceback (most recent call last)" in said
    assert said.endswith("\ngrade: The grader broke, which says nothing about your work. ZeroDivisionError: ours.\n")


@pytest.mark.parametrize("value", ["", "0"])
def test_no_traceback_is_shown_when_it_is_switched_off(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr("grader.course.finding.find_course", raising(ZeroDivisionError("ours")))
    monkeypatch.setenv(faults.DEBUG, value)
    assert "Traceback" not in run("record", "--check")[1]


def test_a_process_without_files_left_is_told_how_to_get_more(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    script = """
import resource, sys
from grader.cli.main import run
sys.argv = ["grade", "list"]
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
sys.exit(run())
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=course, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "[Errno 24] Too many open files" in done.stderr
    assert "ulimit -n" in done.stderr


@pytest.mark.parametrize("command", [["double", "--submission", "../right.py"], ["--isolation", "strict"]])
def test_a_temporary_folder_that_is_not_there_is_the_graders_fault(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    status, said = run(*command)
    assert status == 3
    assert "The fork server could not be started: FileNotFoundError" in said
    assert "Set TMPDIR to a folder that may be written." in said


def test_an_interpreter_that_is_not_there_is_the_graders_fault_and_leaves_nothing_behind(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    before = set(tmp_path.iterdir())
    status, said = run("double", "--submission", "../right.py")
    assert status == 3
    assert "No such file or directory: '/nowhere/python'. Python itself is missing: install the grader again." in said
    assert set(tmp_path.iterdir()) == before


# --- all the way to the exit status -------------------------------------------------------------------------------------


def test_a_fault_before_the_first_line_is_no_zero_and_ends_in_3(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = messages.Source("import no_such_workbench", "a workbench of a test")
    monkeypatch.setattr("grader.plugin.judge.source_of", lambda *_: broken)
    monkeypatch.setattr("grader.plugin.judge.workbench_of", lambda _: None)
    monkeypatch.setattr(ForkServer, "prepare", lambda *_: None)
    monkeypatch.setenv(faults.DEBUG, "1")
    verdict = tmp_path / "verdict.json"
    status, said = run("--submission", "../right.py", "--format", "json", "-o", str(verdict))
    assert status == 3
    checks = json.loads(verdict.read_text())["exercises"][0]["checks"]
    assert {check["outcome"] for check in checks} == {"error"}
    assert {check["message"] for check in checks} == {
        f"The grader could not decide this check: {READY}ModuleNotFoundError: No module named 'no_such_workbench'."
    }
    assert "grader/sandbox/inside/zygote.py" in said  # where it was raised, in the worker
    assert "grader/sandbox/outside/worker_handle.py" in said  # and here


def test_a_bug_outside_the_checks_decides_nothing(graded: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.judging._get_ready", raising(ZeroDivisionError("ours")))
    monkeypatch.setattr("grader.course.model.Exercise.on_model", True, raising=False)
    monkeypatch.setattr("grader.plugin.run.run_checks", raising(ZeroDivisionError("ours")))
    result = graded(RIGHT)
    assert result.outcome is Outcome.ERROR
    assert result.checks[0].message == (
        "The grader broke, which says nothing about your work. ZeroDivisionError: ours. "
        "Set GRADE_DEBUG=1 to see the traceback."
    )


def test_a_bug_in_naming_the_mistake_leaves_the_marks_as_they_are(
    graded: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(faults.DEBUG, "1")
    monkeypatch.setattr("grader.diagnosis.known_mistakes.diagnose", raising(ZeroDivisionError("ours")))
    result = graded("def double(number): return 4")
    assert [check.outcome for check in result.checks] == ["passed", "failed"]
    assert "ZeroDivisionError: ours" in capsys.readouterr().err


# --- jobs ---------------------------------------------------------------------------------------------------------------


def settings(tmp_path: Path) -> Settings:
    return Settings(make_course(tmp_path / "course"), ("numbers/double",))


def test_a_bug_in_a_job_is_told_of_its_task_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(faults.DEBUG, "1")
    found = list(run_jobs(settings(tmp_path), getattr, ["no_such", "course"], 1))
    assert [(done.task, done.result is None) for done in found] == [("no_such", True), ("course", False)]
    assert found[0].broken == "AttributeError: 'Grader' object has no attribute 'no_such'."
    assert "in _timed" in capfd.readouterr().err  # the job's own traceback


def test_a_job_that_cannot_begin_tells_why(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No course was found"):
        list(run_jobs(Settings(tmp_path, ("numbers/double",)), getattr, ["course"], 1))


def test_a_hand_in_that_the_machine_cannot_read_is_nobodys_zero(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.classroom.handins.read_handin", raising(OSError(errno.EIO, "Input/output error")))
    assert run("batch", "../handins", "--gradebook", "class.sqlite")[0] == 3
    with closing(Gradebook.open(Path("class.sqlite"))) as book:
        assert [record.attempts for record in book.records()] == []


# --- notebooks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unavailable("it does not listen"), "work. No judge can be asked: it does not listen."),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "work. OSError: [Errno 12] Cannot allocate memory"),
        (UsageError("There is no course."), "There is no course."),
    ],
)
def test_why_a_cell_is_not_checked_is_said_below_it(error: Exception, said: str) -> None:
    def answer() -> dict[str, str]:
        raise error

    assert said in _answer_or_reason(answer)["text/plain"]


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_judge_of_ones_own_shows_tracebacks_if_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: str
) -> None:
    started: list[Any] = []

    def popen(*_: Any, **named: Any) -> None:
        started.append(named["stderr"])
        raise OSError(errno.ENOENT, "No such file or directory")

    monkeypatch.setenv(faults.DEBUG, debug)
    monkeypatch.setattr("subprocess.Popen", popen)
    judge = WarmJudge(tmp_path, private=True)
    with closing(judge), pytest.raises(Unavailable, match="it cannot be started"):
        judge.start()
    assert started == [None if debug else subprocess.DEVNULL]


def test_what_a_kernel_complains_of_before_the_first_cell_is_part_of_the_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], isolation: Isolation
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ImportError: half a kernel' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr("grader.notebook.execute.sys.executable", str(python))
    with pytest.raises(GraderError, match="The kernel for the notebook could not be started") as caught:
        why_it_does_not_run("work.ipynb", notebook("x = 1").encode(), isolation)
    assert "ImportError: half a kernel" in caught.value.__notes__[0]
    assert capfd.readouterr().err == ""
