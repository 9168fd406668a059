"""`grade watch`: the newest save wins, whatever an editor does; keys give what comes after a verdict."""

from __future__ import annotations

import os
import pty
import queue
import re
import select
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.desk.listing import listing
from grader.desk.warm.client import Cancelled
from grader.desk.watching.keys import keys
from grader.desk.watching.saves import tell_of_changes
from grader.desk.watching.screen import Screen, plain_screen
from grader.desk.watching.watch import Watch
from grader.errors import UsageError
from grader.results import CheckResult, ExerciseResult, Outcome, SubmissionInfo, Verdict
from helpers.course_factory import make_course, write_files
from helpers.patience import ENDLESS
from helpers.questions import QUESTIONS, answers_file
from helpers.questions import RIGHT as RIGHT_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.desk.request import Request

RIGHT = "def double(number): return number * 2\n"
WRONG = "def double(number): return number\n"
NEXT = "Next: triple. Open exercises/numbers/triple.py: its docstring says what to write."
HINTS = 'schema = "grader.hints/1"\n[exercises]\ndouble = ["What is twice two?", "Look at what you return."]\n'


class Judge:
    """Answers in the place of a warm judge: "passed" where the file has a `2`; held back on demand."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.asked: list[str] = []
        self.cancelled = 0
        self._open = threading.Event()
        self._open.set()
        self._taken_back = threading.Event()

    def hold(self) -> None:
        self._open.clear()

    def start(self) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        self.cancelled += 1
        self._taken_back.set()
        self._open.set()

    def ask(self, asked: Request, _heard: Callable[[Any], None]) -> Verdict:
        [key] = asked.exercises
        self.asked.append(key)
        self._taken_back.clear()
        assert self._open.wait(ENDLESS)
        if self._taken_back.is_set():
            raise Cancelled
        passed = "2" in (self._root / "exercises" / f"{key}.py").read_text()
        outcome = Outcome.PASSED if passed else Outcome.FAILED
        check = CheckResult("test_a", "A check.", "public", outcome, "", 0.0, None, ())
        lesson, name = key.split("/")
        result = ExerciseResult(lesson, name, 1.0, 1.0, outcome, (check,), ())
        return Verdict(
            grader="0", course="", submission=SubmissionInfo("", ""), isolation="off", tier="cpu", seed=None,
            points=1.0, max_points=1.0, exercises=(result,),
        )  # fmt: skip


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(
        tmp_path / "course", ("numbers/double", "numbers/triple"), {"exercises/numbers/hints.toml": HINTS}
    )


class Seen:
    """A watch whose events are handled one by one, with what it shows."""

    def __init__(self, course: Path, *names: str) -> None:
        self.course = course
        self.judge = Judge(course)
        self.lines: list[str] = []
        screen = Screen(
            self.lines.append,
            lambda said: self.lines.append(str(said)),
            str,
            lambda _: "everything",
            listing,
            "q quit",
            "keys",
        )
        screen = screen._replace(verdict=lambda verdict: f"{verdict.exercises[0].name} {verdict.outcome}")
        self.watch = Watch(course, names, self.judge, screen)  # type: ignore[arg-type]

    def save(self, name: str, text: str) -> None:
        (self.course / "exercises" / "numbers" / f"{name}.py").write_text(text)
        self.watch.saved()
        self.watch.handle()

    def until(self, line: str) -> None:
        """Handle what happens until a line is shown: what was taken back is told, too, and nobody knows when."""
        while line not in self.lines:
            self.watch.handle()

    def press(self, key: str) -> bool:
        self.watch.pressed(key)
        return self.watch.handle()


def test_a_save_is_graded_and_what_is_next_is_said(course: Path) -> None:
    seen = Seen(course)
    seen.save("double", RIGHT)
    seen.watch.handle()  # the verdict
    assert seen.lines == [
        "numbers/double ...",
        "double passed",
        NEXT,
    ]
    seen.press("h")
    assert "no hints for triple" in seen.lines[-1]


def test_a_question_before_what_is_next_comes_first_until_it_is_answered(course: Path) -> None:
    before_triple = QUESTIONS.replace('before = "double"', 'before = "triple"')
    write_files(course, {"exercises/numbers/questions.toml": before_triple})
    seen = Seen(course)
    seen.save("double", RIGHT)
    seen.watch.handle()
    assert seen.lines[-2:] == ["First a question: grade answer twice_three", NEXT]
    write_files(course, {"exercises/numbers/answers.toml": answers_file(RIGHT_ANSWERS)})
    seen.press("n")
    seen.press("n")
    assert seen.lines[-1:] == [NEXT]
    assert seen.lines.count("First a question: grade answer twice_three") == 1


def test_the_newest_save_wins(course: Path) -> None:
    seen = Seen(course)
    seen.judge.hold()
    seen.save("double", WRONG)
    seen.save("double", RIGHT)
    seen.until("double passed")
    assert seen.judge.cancelled == 1
    assert [line for line in seen.lines if "..." not in line] == ["double passed", NEXT]


def test_an_answer_that_comes_too_late_is_not_shown(course: Path) -> None:
    seen = Seen(course)
    seen.judge.hold()
    seen.save("double", WRONG)
    late = seen.watch._asked
    seen.save("double", RIGHT)
    seen.watch._hear(late, UsageError("too late"))
    seen.until("double passed")
    assert "too late" not in seen.lines
    assert "double passed" in seen.lines


def test_what_was_saved_before_is_graded_afterwards(course: Path) -> None:
    seen = Seen(course)
    seen.judge.hold()
    seen.save("double", WRONG)
    seen.save("triple", RIGHT)
    seen.until("double failed")
    assert [line for line in seen.lines if "..." not in line and "Next" not in line] == [
        "triple passed", "double failed",
    ]  # fmt: skip


def test_what_is_saved_without_a_change_is_not_graded(course: Path) -> None:
    seen = Seen(course)
    stub = course / "exercises" / "numbers" / "double.py"
    seen.save("double", stub.read_text())
    assert (seen.judge.asked, seen.lines) == ([], [])


def test_a_deleted_file_is_told_once_and_graded_when_it_is_back(course: Path) -> None:
    seen = Seen(course)
    stub = course / "exercises" / "numbers" / "double.py"
    stub.unlink()
    for _ in range(2):
        seen.watch.saved()
        seen.watch.handle()
    assert seen.lines == ["numbers/double.py is gone. To have it as it was given out: grade reset double"]
    seen.save("double", RIGHT)
    seen.watch.handle()
    assert "double passed" in seen.lines


def test_only_what_is_named_is_watched(course: Path) -> None:
    seen = Seen(course, "triple")
    seen.save("double", RIGHT)
    assert seen.judge.asked == []
    seen.press("l")
    assert "triple" in seen.lines[-1]
    assert "double" not in seen.lines[-1]
    with pytest.raises(UsageError, match="did you mean `triple`"):
        Seen(course, "tripel")


def test_keys_answer(course: Path) -> None:
    seen = Seen(course)
    seen.save("double", WRONG)
    seen.watch.handle()
    assert seen.press("h")
    assert "What is twice two?" in seen.lines[-1]
    assert "For the next one, press h again." in seen.lines[-1]
    assert seen.press("a")
    assert seen.lines[-1] == "everything"
    assert seen.press("n")
    assert seen.lines[-1].startswith("Next: triple. Open exercises/numbers/triple.py")
    assert seen.press("l")
    assert any("Next: grade double" in line for line in seen.lines)
    assert seen.press("r")
    seen.until("triple failed")
    assert seen.judge.asked[-1] == "numbers/triple"
    assert seen.press("?")
    assert "q quit" in seen.lines[-1]
    assert not seen.press("q")


def test_for_a_screen_reader_everything_is_a_sentence_on_a_line(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)  # where anything else would be cleared
    seen = Seen(course)
    seen.watch = Watch(course, [], seen.judge, plain_screen())  # type: ignore[arg-type]
    seen.watch._begin(has_keys=True)
    seen.save("double", RIGHT)
    seen.watch.handle()
    for key in "la":
        seen.press(key)
    said = capsys.readouterr().out
    assert said.splitlines()[:4] == [
        "Watching 2 exercises. Save a file to have it graded.", "Key h: hint.", "Key n: next.", "Key l: list.",
    ]  # fmt: skip
    for line in (
        "double: passed, 1 of 1 points, 1 of 1 checks passed.",
        "1 of 2 exercises passed.",
        "Next: grade triple",
    ):
        assert line in said.splitlines()
    assert "Number 1: A check. Passed." in said.splitlines()
    assert not re.search(r"[✓✗·█░\x1b]|  ", said)


@pytest.mark.parametrize("poll", [False, True])
def test_saving_replacing_and_deleting_are_noticed(tmp_path: Path, poll: bool) -> None:
    events: queue.Queue[None] = queue.Queue()
    stop = threading.Event()
    file = tmp_path / "watched" / "work.py"
    file.parent.mkdir()
    file.write_text("one\n")
    tell_of_changes(file.parent, lambda: events.put(None), stop, poll=poll)
    try:
        until_noticed(events, lambda n: file.write_text(f"{'two' * n}\n"))
        new = tmp_path / "new"

        def replace(n: int) -> None:
            new.write_text("three" * n)
            new.replace(file)

        until_noticed(events, replace)
        file.unlink()
        events.get(timeout=ENDLESS)
    finally:
        stop.set()


def until_noticed(events: queue.Queue[None], change: Callable[[int], object]) -> None:
    """Change something until that is noticed: the first changes may come before anybody watches."""
    for n in range(1, 10_000):
        change(n)
        try:
            events.get(timeout=1)
        except queue.Empty:
            continue
        while True:  # what belongs to the same change
            try:
                events.get(timeout=1)
            except queue.Empty:
                return
    raise AssertionError("no change was noticed")


def test_answers_of_a_terminal_are_not_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = pty.openpty()
    pressed: queue.Queue[str] = queue.Queue()
    with os.fdopen(there, encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with keys(pressed.put) as has_keys:
            assert has_keys
            for part in (b"\x1b[?62;4ch\x1b_Gi=1;O", b"K\x1b\\\x1b[6;16;8tn\x1b", b"[Aq"):
                os.write(here, part)
            found = [pressed.get(timeout=ENDLESS) for _ in range(3)]
    os.close(here)
    assert found == ["h", "n", "q"]
    assert pressed.empty()


def test_in_a_terminal_a_save_is_answered_and_q_ends_it(course: Path) -> None:
    here, there = pty.openpty()
    grade = Path(sys.executable).with_name("grade")
    stub = course / "exercises" / "numbers" / "double.py"
    stub.write_text(WRONG)
    with subprocess.Popen(
        [grade, "watch", "--no-daemon"], cwd=course, stdin=there, stdout=there, stderr=there, env={**os.environ}
    ) as process:
        os.close(there)
        read_until(here, b"0 of 10 points")
        stub.write_text("def double(number:\n")
        read_until(here, b"has a syntax error")
        stub.write_text(RIGHT)
        read_until(here, b"10 of 10 points")
        os.write(here, b"q")
        assert process.wait(ENDLESS) == 0
    os.close(here)


def read_until(terminal: int, wanted: bytes) -> None:
    read = b""
    while wanted not in read:
        readable, _, _ = select.select([terminal], [], [], ENDLESS)
        assert readable, read
        part = os.read(terminal, 1000)
        assert part, read
        read += part
