"""Check files import the helpers of their course, and nothing else of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.grading import Grader
from grader.plugin.course_imports import PACKAGES
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.reading import read_submission
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from grader.results import ExerciseResult

PUBLIC = """from exercises._shared import _asking
from exercises.numbers.checks import _numbers


def test_double_of_two(submission):
    \"\"\"Twice a number.\"\"\"
    _asking.ask(submission.double, _numbers.NUMBER, 2 * _numbers.NUMBER)
"""
HIDDEN = """from exercises._shared._asking import ask
from reference.numbers import _large


def test_double_of_minus_three(submission, reference):
    \"\"\"Large numbers are doubled too.\"\"\"
    ask(submission.double, _large.NUMBER, reference.double(_large.NUMBER))
"""
ASKING = """from grader.checks import assert_equal


def ask(function, number, expected):
    \"\"\"Compare with twice the number.\"\"\"
    assert_equal(function(number), expected, f"Twice {number}.")
"""


def course_of(root: Path, number: int = 2, changes: dict[str, str] | None = None) -> Path:
    return make_course(root, changes={
        "exercises/numbers/checks/test_double.py": PUBLIC,
        "exercises/numbers/checks/_numbers.py": f"NUMBER = {number}\n",
        "exercises/_shared/_asking.py": ASKING,
        "reference/numbers/double/test_hidden.py": HIDDEN,
        "reference/numbers/_large.py": "NUMBER = 10**6\n",
        **(changes or {}),
    })  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Isolation.AUTO) as server:
        yield server


@pytest.fixture
def graded(server: ForkServer, tmp_path: Path) -> Callable[[Path], ExerciseResult]:
    def grade(root: Path) -> ExerciseResult:
        (tmp_path / "work.py").write_text("def double(number): return number + min(number, 5)")
        course = find_course(root)
        (result,) = Grader(course, server).grade(read_submission(tmp_path / "work.py"), course.exercises).exercises
        return result

    return grade


def said(result: ExerciseResult) -> list[str]:
    return [check.message.partition("\n")[0] for check in result.checks if check.message]


def test_public_and_hidden_checks_import_helpers(graded: Callable, tmp_path: Path) -> None:
    assert said(graded(course_of(tmp_path / "course"))) == ["Twice 1000000."]


def test_each_of_two_courses_in_one_process_has_its_own_helpers(graded: Callable, tmp_path: Path) -> None:
    small, large = course_of(tmp_path / "small", 2), course_of(tmp_path / "large", 7)
    found = [said(graded(course))[:1] for course in (small, large, small, small, large)]
    assert found == [["Twice 1000000."], ["Twice 7."], ["Twice 1000000."], ["Twice 1000000."], ["Twice 7."]]


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("exercises/numbers/checks/_numbers.py", "NUMBER = 50\n", "Twice 50."),
        ("exercises/_shared/_asking.py", ASKING.replace("Twice {number}", "Double {number}"), "Double 1000000."),
        ("reference/numbers/_large.py", "NUMBER = 10**9\n", "Twice 1000000000."),
    ],
)
def test_a_changed_helper_is_read_again(graded: Callable, tmp_path: Path, path: str, text: str, sentence: str) -> None:
    root = course_of(tmp_path / "course")
    graded(root)
    (root / path).write_text(text)
    os.utime(root / path, ns=(1, 1))  # what Python has compiled is told apart by the second
    assert said(graded(root))[0] == sentence


@pytest.mark.parametrize("module", ["exercises.numbers.double", "reference.numbers.double.solution"])
def test_stubs_and_answers_cannot_be_imported(graded: Callable, tmp_path: Path, module: str) -> None:
    check = PUBLIC.replace(
        "from exercises._shared import _asking", f"import {module}\nfrom exercises._shared import _asking"
    )
    result = graded(course_of(tmp_path / "course", changes={"exercises/numbers/checks/test_double.py": check}))
    assert f"`{module}` is a stub or an answer." in result.checks[0].message


def test_no_file_beside_the_course_is_imported_in_place_of_a_library(graded: Callable, tmp_path: Path) -> None:
    root = course_of(tmp_path / "course", changes={"colorsys.py": "raise RuntimeError('the course was on sys.path')"})
    (root / "exercises/_shared/_asking.py").write_text("import colorsys\n" + ASKING)
    assert said(graded(root)) == ["Twice 1000000."]


def run_pytest(*arguments: str, cwd: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False).stdout


@pytest.mark.thorough
@pytest.mark.parametrize(("mode", "files"), [("prepend", ["reference"]), ("importlib", ["exercises", "reference"])])
def test_plain_pytest_finds_helpers_in_both_import_modes(tmp_path: Path, mode: str, files: list[str]) -> None:
    root = course_of(tmp_path / "course", changes={"pytest.ini": f"[pytest]\naddopts = --import-mode={mode}\n"})
    write_files(tmp_path, {"work.py": "def double(number): return number + number"})
    assert f"{len(files)} passed" in run_pytest(*files, "--submission", "../work.py", cwd=root)


@pytest.mark.thorough
def test_plain_pytest_finds_helpers_from_another_folder(tmp_path: Path) -> None:
    course_of(tmp_path / "course")
    write_files(tmp_path, {"work.py": "def double(number): return number + number", "pytest.ini": "[pytest]\n"})
    assert "1 passed" in run_pytest("course/reference", "--submission", "work.py", cwd=tmp_path)


def test_a_copy_without_answers_has_its_public_helpers(graded: Callable, tmp_path: Path) -> None:
    root = course_of(tmp_path / "course")
    for path in sorted((root / "reference").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (root / "reference").rmdir()
    (root / "exercises/numbers/checks/_numbers.py").write_text("NUMBER = 50\n")
    assert said(graded(root))[0] == "Twice 50."


def test_the_packages_are_the_folders_of_a_course(tmp_path: Path) -> None:
    assert all((course_of(tmp_path) / name).is_dir() for name in PACKAGES)
