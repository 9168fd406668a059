"""Grading from a program: what `grader.grade` returns, refuses and leaves behind."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import grader
from grader import api
from grader.desk.judges import StayingJudge
from grader.desk.warm.client import Unavailable
from grader.results import Outcome
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.desk.request import Request

RIGHT = "def double(number):\n    return number * 2\n"
WRONG = "def double(number):\n    return number\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield make_course(tmp_path_factory.mktemp("api") / "course")
    api._close()


def grade(work: str | Path, course: Path, exercises: str | list[str] = "double", **changes: object) -> grader.Verdict:
    return grader.grade(work, exercises, course=course, **changes)  # type: ignore[arg-type]


def test_text_is_the_text_of_a_file(course: Path) -> None:
    verdict = grade(WRONG, course)
    assert (verdict.outcome, verdict.submission.name) == (Outcome.FAILED, "submission.py")
    [exercise] = verdict.exercises
    assert [check.outcome for check in exercise.checks].count(Outcome.FAILED) > 0
    assert grade(RIGHT, course).points == verdict.max_points


def test_a_path_is_what_lies_there_as_at_a_desk(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"double.py": RIGHT})
    monkeypatch.chdir(tmp_path)
    for work in (Path("double.py"), tmp_path):
        assert grade(work, course).outcome is Outcome.PASSED


def test_no_name_is_the_whole_course(course: Path) -> None:
    verdict = grade(RIGHT, course, [])
    assert [exercise.name for exercise in verdict.exercises] == ["double"]


def test_work_that_cannot_be_read_has_a_verdict(course: Path) -> None:
    verdict = grade("def double(number:\n", course)
    assert verdict.outcome is Outcome.FAILED
    assert "line 1" in verdict.exercises[0].checks[0].message


def test_the_course_around_the_working_directory_is_meant(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course / "exercises")
    assert grader.grade(RIGHT, "double").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"work": "solution.py"}, "looks like a path: give pathlib.Path('solution.py')"),
        ({"work": Path("nothing.py")}, "nothing.py"),
        ({"exercises": "triple"}, "triple"),
        ({"course": Path("nowhere")}, "There is no folder nowhere"),
        ({"isolation": "none"}, "give one of 'strict', 'auto', 'off'"),
        ({"call_seconds": 0}, "give 0.1 to 3600"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, object], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(grader.UsageError) as raised:
        grade(**{"work": RIGHT, "course": course, **arguments})  # type: ignore[arg-type]
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_refusal_leaves_the_judge_warm(course: Path) -> None:
    grade(RIGHT, course)
    before = list(api._judges.free[course])
    with pytest.raises(grader.UsageError):
        grade(Path("/nowhere.py"), course)
    assert api._judges.free[course] == before


def test_threads_have_a_judge_each(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both_ask, asking = threading.Barrier(2), set()

    def ask(judge: StayingJudge, _: Request) -> str:
        asking.add(judge)
        both_ask.wait(60)  # which a shared judge, or one after the other, would never pass
        return "a verdict"

    monkeypatch.setattr(StayingJudge, "ask", ask)
    monkeypatch.setattr(api, "usable_cores", lambda: 2)
    monkeypatch.setattr(api, "_judges", api._Judges())
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(lambda _: grade(RIGHT, course), range(2))) == ["a verdict"] * 2
    assert set(api._judges.free[course]) == asking
    assert len(asking) == 2


def test_more_calls_than_cores_wait(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asking: list[StayingJudge] = []

    def ask(judge: StayingJudge, _: Request) -> str:
        asking.append(judge)
        assert len({id(each) for each in asking}) == 1
        return "a verdict"

    monkeypatch.setattr(StayingJudge, "ask", ask)
    monkeypatch.setattr(api, "usable_cores", lambda: 1)
    monkeypatch.setattr(api, "_judges", api._Judges())
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: grade(RIGHT, course), range(8))) == ["a verdict"] * 8
    assert len(asking) == 8


@pytest.mark.parametrize("error", [Unavailable("it ended"), KeyboardInterrupt()], ids=["unavailable", "interrupted"])
def test_a_judge_that_may_still_be_at_work_is_ended(
    course: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    ended: list[StayingJudge] = []

    def ask(_judge: StayingJudge, _: Request) -> None:
        raise error

    monkeypatch.setattr(StayingJudge, "ask", ask)
    monkeypatch.setattr(StayingJudge, "close", lambda judge: ended.append(judge))  # noqa: PLW0108 - to get the judge
    monkeypatch.setattr(api, "_judges", api._Judges())
    expected = grader.GraderError if isinstance(error, Unavailable) else KeyboardInterrupt
    with pytest.raises(expected):
        grade(RIGHT, course)
    assert len(ended) == 1
    assert api._judges.free[course] == []


def test_a_fork_does_not_talk_to_judges_of_its_parent(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[StayingJudge] = []
    monkeypatch.setattr(StayingJudge, "ask", lambda judge, _: asked.append(judge))
    monkeypatch.setattr(api, "_judges", api._Judges())
    grade(RIGHT, course)
    grade(RIGHT, course)
    monkeypatch.setattr("os.getpid", lambda: -1)
    grade(RIGHT, course)
    assert asked[0] is asked[1] is not asked[2]


def test_a_program_that_imports_the_grader_imports_nothing_heavy() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import grader, sys; grader.grade, grader.Verdict; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {"grader.api", "grader.results"} <= set(said.stdout.split())
    assert not {"torch", "pytest", "hypothesis", "diffusers"} & set(said.stdout.split())


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute `mark`"):
        grader.mark  # noqa: B018
