"""Plain pytest runs the same checks with the same fixtures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = "[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider\n"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    root = make_course(tmp_path / "course", ["numbers/double", "words/again"], {"pytest.ini": SETTINGS})
    write_files(tmp_path, {"right.py": "def double(n): return 2 * n", "wrong.py": "def double(n): return n"})

    def pytest_in_course(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    return pytest_in_course


@pytest.mark.thorough
def test_a_right_submission_passes_all_checks(run: Callable) -> None:
    done = run("exercises/numbers", "reference/numbers", "--submission", "../right.py")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_wrong_one_fails_with_the_sentence_and_the_input_under_pytests_own_options(
    run: Callable, tmp_path: Path
) -> None:
    report = tmp_path / "junit.xml"
    done = run("exercises", "reference", "--submission", "../wrong.py", "-k", "double_of_two", f"--junitxml={report}")
    assert done.returncode == 1
    assert "1 failed, 3 deselected" in done.stdout
    assert "Twice two is four." in done.stdout
    assert "double(number=2)" in done.stdout
    assert "Traceback" not in done.stdout
    assert "grader/sandbox" not in done.stdout
    (case,) = ElementTree.parse(report).iter("testcase")
    assert case.get("name") == "test_double_of_two"


@pytest.mark.thorough
def test_the_stubs_are_checked_if_no_submission_is_named_and_a_missing_function_is_a_sentence(
    run: Callable, tmp_path: Path
) -> None:
    (tmp_path / "course/exercises/words/again.py").write_text("def once(number): return number")
    done = run("exercises")
    assert done.returncode == 1
    assert "`double` is not written yet." in done.stdout
    assert "`again` was not found in course" in done.stdout


def test_other_peoples_tests_are_left_alone(run: Callable, tmp_path: Path) -> None:
    write_files(
        tmp_path / "course",
        {"tests/checks/test_own.py": "import sys\ndef test_own(): assert 'torch' not in sys.modules"},
    )
    done = run("tests")
    assert done.returncode == 0, done.stdout
