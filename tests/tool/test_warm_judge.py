"""The judge that stays warm at a desk: it says what a cold one says, keeps nothing, and answers only whom it should."""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from grader import faults
from grader.desk import judges
from grader.desk.request import Request
from grader.desk.warm import messages
from grader.desk.warm import place as place_module
from grader.desk.warm.client import Cancelled, Unavailable, WarmJudge, is_wanted
from grader.desk.warm.place import is_private, private_place, shared_place
from grader.desk.warm.stamps import stamp
from grader.errors import UsageError
from grader.locating.shared_worker import SharedWorker
from grader.mutation.repairs import Repair
from grader.results import Outcome, to_json
from grader.sandbox.wire import frames
from helpers.course_factory import make_course
from helpers.judges import is_locked
from helpers.patience import ENDLESS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.results import Verdict
    from grader.sandbox.outside.server import ForkServer

RIGHT = "def double(number): return number * 2\n"
WRONG = "def double(number): return number\n"
ENDLESS_LOOP = "def double(number):\n    while True: pass\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("warm") / "course")


@pytest.fixture(scope="module")
def judge(course: Path) -> Iterator[WarmJudge]:
    """Return a warm judge of the course that nobody else can ask."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("grader.desk.warm.client._SILENT_SECONDS", ENDLESS)
        monkeypatch.setattr("grader.desk.warm.client._LISTENING_SECONDS", ENDLESS)
        judge = WarmJudge(course, private=True)
        yield judge
        judge.close()


def asked(course: Path, text: str = RIGHT, **changes: Any) -> Request:
    """Write the stub in place, and return a request about it."""
    (course / "exercises" / "numbers" / "double.py").write_text(text)
    return Request(folder=str(course), exercises=("numbers/double",), **changes)


def without_seconds(verdict: Verdict) -> Any:
    found = json.loads(to_json(verdict))
    for check in found["exercises"][0]["checks"]:
        del check["seconds"]
    return found


def test_it_says_what_a_cold_judge_says(
    judge: WarmJudge, course: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.course.finding import find_course
    from grader.desk.grading import grade_cold

    @contextmanager
    def lent(*_: Any) -> Iterator[ForkServer]:
        yield server

    monkeypatch.setattr("grader.grading.ForkServer", lent)
    for text in (WRONG, RIGHT, "def double(number:\n"):
        question = asked(course, text)
        warm = judge.ask(question)
        assert without_seconds(warm) == without_seconds(grade_cold(find_course(course), question))
    assert warm.outcome is Outcome.FAILED


def test_it_writes_the_script_that_a_cold_judge_writes(
    judge: WarmJudge, course: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.course.finding import find_course
    from grader.desk.debugging import debug_cold

    @contextmanager
    def lent(*_: Any) -> Iterator[ForkServer]:
        yield server

    monkeypatch.setattr("grader.grading.ForkServer", lent)
    question = asked(course, WRONG, debug="")
    heard: list[Any] = []
    warm = judge.debug(question, heard.append)
    written = Path(warm.path).read_text()
    assert messages.Finished("double") in heard
    Path(warm.path).unlink()
    assert debug_cold(find_course(course), question) == warm
    assert Path(warm.path).read_text() == written
    with pytest.raises(UsageError, match="all checks pass"):
        judge.debug(asked(course, RIGHT, debug=""))
    with pytest.raises(UsageError, match="has no check `9`"):
        judge.debug(asked(course, WRONG, debug="9"))


def test_it_tells_how_far_it_is(judge: WarmJudge, course: Path) -> None:
    heard: list[Any] = []
    judge.ask(asked(course), heard.append)
    told = [message for message in heard if not isinstance(message, messages.Alive)]
    assert told == [messages.Begun(2), messages.Finished("double"), messages.Finished("double")]


def test_its_client_does_something_else_while_it_thinks(judge: WarmJudge, course: Path) -> None:
    done: list[str] = []
    judge.ask(asked(course), lambda message: done.append(type(message).__name__), lambda: done.append("something else"))
    assert done.index("something else") < done.index("Finished")


def test_paths_are_relative_to_the_folder_in_which_it_is_asked(judge: WarmJudge, course: Path) -> None:
    (course.parent / "mine.py").write_text(WRONG)
    question = msgspec.structs.replace(asked(course), folder=str(course / "exercises"), submission="../../mine.py")
    verdict = judge.ask(question)
    assert (verdict.submission.name, verdict.outcome) == ("mine.py", Outcome.FAILED)
    with pytest.raises(UsageError, match=r"There is no \.\./nowhere\.py"):
        judge.ask(msgspec.structs.replace(question, submission="../nowhere.py"))


def test_cells_of_a_notebook_are_judged(judge: WarmJudge, course: Path) -> None:
    assert judge.ask(asked(course, WRONG, cells=("", "x = 1", RIGHT))).outcome is Outcome.PASSED


def test_a_question_that_is_taken_back_is_left_at_once_and_the_judge_stays_warm(judge: WarmJudge, course: Path) -> None:
    judge.ask(asked(course))
    process = judge._owned
    begun = threading.Event()
    taken_back: list[BaseException] = []

    def ask() -> None:
        try:
            judge.ask(asked(course, ENDLESS_LOOP, call_seconds=ENDLESS), lambda _: begun.set())
        except Cancelled as error:
            taken_back.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(ENDLESS)
    judge.cancel()
    thread.join()
    assert len(taken_back) == 1
    assert judge.ask(asked(course)).outcome is Outcome.PASSED
    assert judge._owned is process


def test_who_does_not_know_the_key_gets_no_answer(judge: WarmJudge, course: Path) -> None:
    judge.start()
    assert judge._place is not None
    question = msgspec.msgpack.encode(asked(course))
    for sent in (frames.encode_frame(messages.Ask("0" * 64), [question]), b"GET / HTTP/1.1\r\n\r\n", b""):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
            stranger.connect(str(judge._place.socket))
            stranger.sendall(sent)
            stranger.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                assert stranger.recv(100) == b""
    assert judge.ask(asked(course)).outcome is Outcome.PASSED


def test_two_at_once_are_answered_one_after_the_other(judge: WarmJudge, course: Path) -> None:
    question = asked(course)
    judge.start()
    assert judge._place is not None
    found: list[Outcome] = []

    def ask() -> None:
        another = WarmJudge(course, private=True)
        another._place = judge._place
        found.append(another.ask(question).outcome)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Outcome.PASSED] * 3


@pytest.mark.parametrize(
    "change",
    [
        ("exercises/numbers/checks/test_double.py", "exercises/numbers/checks/test_double.py"),
        ("rubrics/numbers.toml", "rubrics/numbers.toml"),
        ("exercises/numbers/checks/test_double.py", "exercises/_shared/_helper.py"),
        ("reference/numbers/double/test_hidden.py", "reference/numbers/double/test_hidden.py"),
    ],
)
def test_another_course_is_another_stamp_and_another_stub_is_not(tmp_path: Path, change: tuple[str, str]) -> None:
    course = make_course(tmp_path / "course")
    before = stamp(course)
    asked(course, WRONG)
    assert stamp(course) == before
    place = course / change[1]
    place.parent.mkdir(exist_ok=True)
    place.write_text((course / change[0]).read_text() + "\n# another\n")
    assert stamp(course) != before


def test_it_ends_when_the_course_changes_and_another_one_answers(judge: WarmJudge, course: Path) -> None:
    judge.ask(asked(course, WRONG))
    first = judge._owned
    assert first is not None
    check = course / "exercises" / "numbers" / "checks" / "test_double.py"
    check.write_text(check.read_text().replace("Two doubled is four", "Twice two is four") + "\n")
    verdict = judge.ask(asked(course, WRONG))
    assert first.wait(ENDLESS) == 0
    assert judge._owned is not first
    assert "Twice two" in to_json(verdict) or verdict.outcome is Outcome.FAILED


# --- the shared one ---


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have the shared judge's folder in a folder of the test, whose path is short enough for a socket's."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("GRADE_DAEMON", raising=False)
    with tempfile.TemporaryDirectory(prefix="g-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def test_the_shared_one_outlives_its_client_and_ends_with_its_place(temporary: Path, course: Path) -> None:
    question = asked(course)
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "GRADE_DAEMON")}
    grade = [Path(sys.executable).with_name("grade"), "double", "--format", "json"]
    place = shared_place(course)
    assert place is not None
    try:
        for _ in range(2):
            done = subprocess.run(grade, cwd=course, env=environment, capture_output=True, check=False)
            assert (done.returncode, done.stderr) == (0, b"")
            assert is_locked(place.lock)
        folder, key = place.folder.stat(), place.key.stat()
        assert (folder.st_mode & 0o777, key.st_mode & 0o777) == (0o700, 0o600)
        assert WarmJudge(course).ask(question).outcome is Outcome.PASSED
    finally:
        place.socket.unlink(missing_ok=True)
        wait_until(lambda: not is_locked(place.lock), "The judge goes on without its socket.")
    assert not list(temporary.glob("grade-*/work*"))


@pytest.mark.parametrize("spoil", ["open", "link", "file"])
def test_a_folder_that_others_can_open_is_not_used(temporary: Path, course: Path, spoil: str) -> None:
    folder = temporary / f"grade-of-{os.geteuid()}"
    if spoil == "open":
        folder.mkdir(mode=0o755)
    elif spoil == "link":
        (temporary / "real").mkdir(mode=0o700)
        folder.symlink_to(temporary / "real")
    else:
        folder.write_text("")
    assert shared_place(course) is None
    with pytest.raises(Unavailable):
        WarmJudge(course).ask(asked(course))


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [("CI", "true", False), ("GRADE_DAEMON", "off", False), ("GRADE_DEBUG", "1", False), ("OTHER", "1", True)],
)
def test_no_judge_stays_where_none_is_wanted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: bool
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("GRADE_DAEMON", raising=False)
    monkeypatch.setenv(name, value)
    assert is_wanted() is wanted


def test_where_temporary_files_have_long_paths_it_listens_elsewhere(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = temporary / ("long" * 25)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(place_module, "_SHORT", str(temporary))
    shared, private = shared_place(temporary), private_place()
    assert shared is not None
    assert private is not None
    assert shared.folder.parent == private.folder.parent == temporary
    assert is_private(shared.folder)
    assert is_private(private.folder)


class Broken:
    """A judge that stays but cannot be asked, and in its place another one that can."""

    def __init__(self, _root: Path, *, private: bool = False) -> None:
        self.private = private
        self.closed = False
        BROKEN.append(self)

    def start(self) -> None:
        if not self.private:
            raise Unavailable("it does not listen")

    def ask(self, asked: Request, _heard: object = None) -> Request:
        self.start()
        return asked

    def cancel(self) -> None:
        """Take nothing back."""

    def close(self) -> None:
        self.closed = True


BROKEN: list[Broken] = []


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize("daemon", [True, False])
def test_a_window_has_a_judge_of_its_own_where_the_shared_one_cannot_be_had(
    course: Path, monkeypatch: pytest.MonkeyPatch, daemon: bool
) -> None:
    monkeypatch.setattr(judges, "WarmJudge", Broken)
    monkeypatch.setattr(sys.modules[__name__], "BROKEN", [])
    judge = judges.StayingJudge(course, daemon=daemon)
    judge.start()
    question = asked(course)
    assert judge.ask(question) is question
    assert [each.private for each in BROKEN] == [False, True]
    monkeypatch.setenv(faults.DEBUG, "1")  # the next one has standard error
    assert judge.ask(question) is question
    assert [each.closed for each in BROKEN] == [False, True, False]
    judge.close()
    assert BROKEN[-1].closed


@pytest.mark.usefixtures("temporary")
def test_a_windows_own_judge_that_was_ended_is_asked_again(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended(Broken):
        times = 0

        def ask(self, asked: Request, _heard: object = None) -> Request:
            Ended.times += 1
            if Ended.times == 1:
                raise Unavailable("it ended before it had answered")
            return asked

    monkeypatch.setattr(judges, "WarmJudge", Ended)
    question = asked(course)
    assert judges.StayingJudge(course, daemon=False).ask(question) is question


@pytest.mark.parametrize("daemon", [True, False])
def test_where_no_judge_stays_this_process_judges(
    temporary: Path, course: Path, monkeypatch: pytest.MonkeyPatch, daemon: bool
) -> None:
    (temporary / f"grade-of-{os.geteuid()}").write_text("in the way")
    cold: list[Request] = []
    monkeypatch.setattr("grader.desk.grading.grade_cold", lambda _, question, **_named: cold.append(question))
    monkeypatch.setattr("grader.desk.debugging.debug_cold", lambda _, question: cold.append(question))
    question = asked(course)
    judges.judged(question, course, daemon=daemon)
    judges.debugged(question, course, daemon=daemon)
    assert cold == [question, question]


@pytest.mark.usefixtures("temporary")
def test_scripts_and_places_are_asked_of_the_judge_that_stays(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Kept(Broken):
        def debug(self, asked: Request, _heard: object = None) -> Request:
            return asked

        locate = debug

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("GRADE_DAEMON", raising=False)
    monkeypatch.setattr(judges, "WarmJudge", Kept)
    question = asked(course, debug="")
    assert judges.debugged(question, course) is question
    assert judges.located(question, course) is question


# --- what it keeps, and what its client needs ---


def test_it_keeps_nothing_of_a_submission(course: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.desk.warm import judge as kept

    read: list[Any] = []
    real = kept.read_work

    def read_work(*arguments: Any) -> Any:
        work = real(*arguments)
        read.append(weakref.ref(work))
        return work

    monkeypatch.setattr(kept, "read_work", read_work)
    monkeypatch.setattr(kept, "ForkServer", lambda *_: server)
    monkeypatch.chdir(course)
    judge = kept.KeptJudge(course)
    for text in (WRONG, RIGHT, "def double(number): raise ValueError(number)\n"):
        judge.verdict(asked(course, text), lambda _: None)
        judge.forget()
    judge.debugged(asked(course, WRONG, debug=""), lambda _: None)
    judge.forget()
    place = judge.located(asked(course, WRONG, locate=5.0), lambda _: None)
    assert place.code == "return number"
    judge.forget()
    assert [work() for work in read] == [None] * 5
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, Repair | SharedWorker)]


@pytest.mark.light
def test_the_client_imports_nothing_heavy() -> None:
    script = """
import sys
import grader.desk.judges, grader.desk.verdicts
heavy = {"torch", "numpy", "pytest", "hypothesis", "diffusers", "PIL", "jsonschema_rs"} & set(sys.modules)
sys.exit(f"imported: {heavy}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
