"""A notebook's set-up: what is missing is installed and nothing else, and the course is found or copied."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from grader.notebook import setting_up
from grader.notebook.places import find_place, notebook_file, place_at
from helpers.course_factory import make_course

pytestmark = pytest.mark.light


def test_only_what_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = [
        "torch>=99", "hypothesis>=6", "not-there>=1.2", "pyseccomp>=0.1; sys_platform == 'linux'", 'ruff>=1; extra == "dev"',
    ]  # fmt: skip
    monkeypatch.setattr(metadata, "requires", lambda _name: needed)
    monkeypatch.setattr(setting_up, "_installed", lambda: {"torch": "2.11.0", "hypothesis": "6.1"})
    assert setting_up.missing_requirements() == ["not-there>=1.2", "pyseccomp>=0.1"]


def test_nothing_that_is_installed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[list[str], str]] = []

    def run(command: list[str], **_: Any) -> None:
        ran.append((command, Path(command[command.index("--constraint") + 1]).read_text()))

    monkeypatch.setattr(setting_up, "missing_requirements", lambda: ["not-there>=1.2"])
    monkeypatch.setattr(setting_up, "_installed", lambda: {"torch": "2.11.0", "ipython": "7.34.0"})
    monkeypatch.setattr("subprocess.run", run)
    assert setting_up.install_missing() == "; installed not-there"
    [(command, constraints)] = ran
    assert constraints.splitlines() == ["torch==2.11.0", "ipython==7.34.0"]
    assert command[-1] == "not-there>=1.2"


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_up, "missing_requirements", list)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: 1 / 0)
    assert setting_up.install_missing() == ""


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("GRADE_COURSE", "JPY_SESSION_NAME", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.mark.usefixtures("outside")
def test_a_course_is_found_from_the_folder_the_notebook_and_what_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="`%grader course PATH` says where it is"):
        find_place({})
    course = make_course(tmp_path / "course")
    lesson = course / "exercises" / "numbers"
    (lesson / "lesson.ipynb").write_text("{}")
    assert find_place({"__vsc_ipynb_file__": str(lesson / "lesson.ipynb")}) == place_at(lesson)
    monkeypatch.setenv("GRADE_COURSE", str(course))
    assert find_place({}).root == course
    monkeypatch.delenv("GRADE_COURSE")
    monkeypatch.chdir(lesson / "checks")  # where no notebook lies
    assert find_place({}) == place_at(lesson)


def test_a_copy_is_made_where_there_is_no_course(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    monkeypatch.setattr("grader.working_copy.make", lambda folder: made.append(make_course(folder)))
    assert setting_up._course({}, "numbers") == outside / "course" / "exercises" / "numbers"
    assert setting_up._course({}, "numbers") == outside / "course" / "exercises" / "numbers"  # found again
    assert len(made) == 1


def test_the_notebooks_file_is_the_only_one_there_or_the_one_that_is_named(
    outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert notebook_file({}) is None
    (outside / "a.ipynb").write_text("{}")
    assert notebook_file({}) == outside / "a.ipynb"
    (outside / "b.ipynb").write_text("{}")
    assert notebook_file({}) is None
    monkeypatch.setenv("JPY_SESSION_NAME", str(outside / "b.ipynb"))
    assert notebook_file({}) == outside / "b.ipynb"
