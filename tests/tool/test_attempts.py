"""What a desk notes of tries if the student agrees, and what a teacher learns from it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from grader.attempts import MAX_BYTES, read_attempts
from grader.classroom.messages import KnownNames, Said, effects, files_of_attempts, tries_at_desk
from grader.course.finding import find_course
from grader.desk import attempts
from grader.errors import UsageError
from helpers.course_factory import make_course
from helpers.small_class import Class

if TYPE_CHECKING:
    from helpers.command import Command

RIGHT = "def double(number): return number * 2\n"
WRONG = "def double(number): return number\n"
OTHER = "def double(number): return number + 2\n"
CHECK, HIDDEN, KEY = "test_double_of_two", "test_double_of_minus_three", "numbers/double"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


def stub(course: Path) -> Path:
    return course / "exercises/numbers/double.py"


def noted(course: Path) -> Any:
    return json.loads((course / ".grade/attempts.json").read_text())


def attempt(number: int, *, passed: tuple[str, ...] = (), **failed: list[str]) -> dict[str, Any]:
    return {"exercise": KEY, "work": str(number), "when": "2026-01-01", "passed": passed, "failed": failed}


def a_file(path: Path, *attempts: dict[str, Any], schema: str = "grader.attempts/1") -> Path:
    path.write_text(json.dumps({"schema": schema, "noted": True, "attempts": attempts}))
    return path


def test_nothing_is_noted_unless_the_student_agrees(course: Path, command: Command) -> None:
    stub(course).write_text(WRONG)
    assert command.run("double", cwd=course).returncode == 1
    assert not (course / ".grade/attempts.json").exists()
    told = command.run("attempts", cwd=course).stdout
    assert "No try is noted" in told
    assert "grade attempts --keep" in told
    refused = command.run("attempts", "-o", "attempts.json", cwd=course)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert not (course / "attempts.json").exists()


def test_each_version_is_noted_once_without_code_and_names(course: Path, command: Command) -> None:
    agreed = command.run("attempts", "--keep", cwd=course).stdout
    assert "nothing is sent anywhere" in agreed
    for text in (WRONG, WRONG, RIGHT):
        stub(course).write_text(text)
        command.run("double", cwd=course)
    command.run("attempts", "-o", "mine.json", cwd=course)
    handed_over = (course / "mine.json").read_text()
    content = json.loads(handed_over)
    assert content == noted(course)
    jsonschema.validate(content, json.loads((files("grader") / "schemas/attempts-1.schema.json").read_text()))
    first, second = content["attempts"]
    assert first["failed"] == {CHECK: ["unchanged"], HIDDEN: ["unchanged"]}
    assert (set(second["passed"]), second["failed"]) == ({CHECK, HIDDEN}, {})
    assert "return" not in handed_over
    assert str(course) not in handed_over
    assert "   2  numbers/double" in command.run("attempts", cwd=course).stdout


def test_a_stub_that_nobody_has_touched_is_no_try(course: Path, command: Command) -> None:
    command.run("attempts", "--keep", cwd=course)
    command.run("double", cwd=course)
    assert noted(course)["attempts"] == []


def test_stopping_keeps_what_is_noted_and_deleting_does_not(course: Path, command: Command) -> None:
    command.run("attempts", "--keep", cwd=course)
    stub(course).write_text(WRONG)
    command.run("double", cwd=course)
    command.run("attempts", "--stop", cwd=course)
    stub(course).write_text(OTHER)
    command.run("double", cwd=course)
    assert len(noted(course)["attempts"]) == 1
    command.run("attempts", "--delete", cwd=course)
    assert not (course / ".grade/attempts.json").exists()


@pytest.mark.parametrize(
    "arguments", [("--keep", "--delete"), ("--stop", "-o", "x.json"), ("--delete", "-o", "x.json")]
)
def test_one_thing_at_a_time(course: Path, command: Command, arguments: tuple[str, ...]) -> None:
    refused = command.run("attempts", *arguments, cwd=course)
    assert (refused.returncode, "give one of them" in refused.stderr) == (2, True)


def test_a_damaged_file_never_costs_a_verdict(course: Path, command: Command) -> None:
    command.run("attempts", "--keep", cwd=course)
    (course / ".grade/attempts.json").write_text("{")
    stub(course).write_text(RIGHT)
    done = command.run("double", cwd=course)
    assert done.returncode == 0
    assert "Your try was not noted" in done.stderr
    assert command.run("attempts", cwd=course).returncode == 2
    assert command.run("attempts", "--delete", cwd=course).returncode == 0


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_MOST", 2)
    kept = read_attempts(a_file(tmp_path / "a.json", attempt(1), attempt(2)))
    assert [each.work for each in attempts._with(kept, [kept.attempts[0]]).attempts] == ["2", "1"]


# --- the teacher ---


def test_tries_count_beside_those_of_the_gradebook(tmp_path: Path, command: Command) -> None:
    school = Class(tmp_path)
    school.book.close()
    a_file(tmp_path / "ada.json", attempt(1, **{CHECK: ["unchanged"]}), attempt(2, passed=(CHECK,)))
    a_file(tmp_path / "bo.json", attempt(1, **{CHECK: ["unchanged"]}), attempt(2, **{CHECK: []}))
    asked = command.run(
        "messages", "--gradebook", "../class.sqlite", "--format", "json",
        "--attempts", "../ada.json", "--attempts", "../bo.json", cwd=school.root,
    )  # fmt: skip
    own, named = sorted(json.loads(asked.stdout), key=lambda effect: effect["mistake"] or "")
    assert (named["mistake"], named["students"], named["tried_again"], named["mended"]) == ("unchanged", 2, 2, 1)
    assert (own["mistake"], own["students"], own["tried_again"]) == (None, 1, 0)


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    (tmp_path / "class/a").mkdir(parents=True)
    a_file(tmp_path / "class/a/one.json", attempt(1))
    a_file(tmp_path / "class/two.json", attempt(2))
    assert [each.attempts[0].work for each in files_of_attempts([tmp_path / "class"])] == ["1", "2"]


def test_a_file_says_nothing_in_its_own_words(course: Path, tmp_path: Path) -> None:
    known = KnownNames(find_course(course).exercises)
    file = a_file(
        tmp_path / "x.json",
        attempt(1, **{CHECK: ["\x1b[2Jnobody"]}),
        attempt(2, **{"<script>": [], HIDDEN: []}),
        {**attempt(3, **{CHECK: []}), "exercise": "numbers/unknown"},
    )
    (hidden,) = (check for check in find_course(course).exercises[0].checks if check.name == HIDDEN)
    assert [effect.said for effect in effects([tries_at_desk(read_attempts(file), known)])] == [
        Said(("numbers", "double"), "", hidden.title)
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "was not written by `grade attempts`"),
        ('{"schema": "grader.attempts/9", "noted": true, "attempts": []}', "use the version that wrote it"),
        ('{"attempts": [{"exercise": 1}]}', "was not written by `grade attempts`"),
        ("[" * 100_000, "was not written by `grade attempts`"),
        (" " * (MAX_BYTES + 1), "is larger than"),
    ],
    ids=["damaged", "newer", "shape", "deep", "large"],
)
def test_what_is_no_file_of_attempts_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(UsageError, match=sentence):
        files_of_attempts([tmp_path / "x.json"])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"x\.json cannot be read"):
        files_of_attempts([tmp_path / "x.json"])
