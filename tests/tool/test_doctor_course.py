"""What `grade doctor` says of the course around it: its exercises, what is broken, and which version made a copy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.doctor import examination, found_course
from grader.doctor.finding import Finding, State
from grader.version import __version__
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.model import Course


def in_course(name: str, check: Callable[[Course], Finding], root: Path) -> Finding:
    [found] = examination.made(name, lambda: check(find_course(root)))
    return found


def test_a_course_is_named_with_its_exercises(tmp_path: Path) -> None:
    root = make_course(tmp_path, ["numbers/double", "numbers/twice"])
    course, found = found_course.course_around(root / "exercises" / "numbers")
    assert course
    assert found.found == f"Doubling, step by step in {root}: 1 lesson, 2 exercises, with its answers"
    copy = make_course(tmp_path / "copy", reference=False)
    assert found_course.course_around(copy)[1].found.endswith("1 exercise, a student's copy")
    assert found_course.points(course) == Finding("points", State.OK, "the rubrics give 20 points for 2 exercises")


def test_a_folder_outside_of_any_course_is_a_warning(tmp_path: Path) -> None:
    course, found = found_course.course_around(tmp_path)
    assert course is None
    assert found.state is State.WARNING
    assert found.remedy == "`cd` into the folder of your course"


def test_a_deleted_folder_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert examination.around_here()[1].found == "the current folder has been deleted"


@pytest.mark.parametrize(
    ("file", "text", "name", "sentence"),
    [
        (
            "exercises/numbers/checks/test_double.py",
            "def test_it(:",
            "course",
            "exercises/numbers/checks/test_double.py is not valid Python (line 1: ",
        ),
        ("rubrics/numbers.toml", "points = ", "points", "rubrics/numbers.toml:1: the file is not valid TOML"),
    ],
    ids=["check", "rubric"],
)
def test_a_broken_course_is_a_problem_said_in_its_own_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, name: str, sentence: str
) -> None:
    monkeypatch.chdir(make_course(tmp_path, changes={file: text}))
    course, found = examination.around_here()
    if course:
        [found] = examination.made("points", lambda: found_course.points(course))
    assert (found.name, found.state) == (name, State.PROBLEM)
    assert found.found.startswith(sentence)


def a_record(schema: str, version: str) -> str:
    """Return what a working copy says of itself."""
    about = {"schema": schema, "grader": version, "course": "c", "audience": "course", "files": {}}
    return json.dumps(about)


@pytest.mark.parametrize(
    ("content", "state", "sentence", "remedy"),
    [
        (None, State.SKIPPED, "not compared: the course has no .grade.json", ""),
        (a_record("grader.copy/1", __version__), State.OK, "made by", ""),
        (
            a_record("grader.copy/1", "0.0.1"),
            State.WARNING,
            "this copy was made by version 0.0.1 of",
            "grade init --update .",
        ),
        (a_record("grader.copy/2", "0.0.1"), State.WARNING, 'its schema is "grader.copy/2"', "make a new copy with"),
        ("{", State.WARNING, ".grade.json cannot be read", "make a new copy with"),
    ],
    ids=["absent", "same", "other", "schema", "garbage"],
)
def test_a_copy_is_compared_with_the_version_that_is_installed(
    tmp_path: Path, content: str | None, state: State, sentence: str, remedy: str
) -> None:
    course = find_course(make_course(tmp_path, changes={".grade.json": content}, reference=False))
    found = found_course.course_version(course)
    assert found.state is state
    assert sentence in found.found
    assert found.remedy.startswith(remedy)
    assert bool(found.remedy) is (state is State.WARNING)
