"""What students get: what is in it, that it is graded, names mistakes, leaks nothing, and is the same every time."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from grader.authoring.release import HIDDEN, leaks, release
from grader.course import Course, find_course
from grader.errors import UsageError
from grader.grading import Grader
from grader.mistakes import Entry, entry
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.batch.jobs import Settings
    from grader.sandbox.client import ForkServer
    from helpers.command import Command, Done

SOLUTION = '''"""The solution."""


def double(number: int) -> int:
    """Return twice `number`."""
    if not isinstance(number, int):
        raise TypeError("a number that is no whole number was given")
    result = number
    result = result + number
    return result
'''
RENAMED = SOLUTION.replace("result", "twice").replace("a number that is no whole number was given", "no")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    changes = {
        "reference/numbers/double/solution.py": SOLUTION,
        "exercises/numbers/README.md": "# Numbers\n\nTwice two is four.\n",
        "exercises/numbers/pictures/two.png": "PNG",
        "exercises/numbers/pictures/draw.py": "print()\n",
        "exercises/numbers/notes_of_the_author.txt": "x",
        "constraints.txt": "torch==2.13.0\n",
        "tests/test_own.py": "",
    }
    return find_course(make_course(tmp_path_factory.mktemp("source"), ["numbers/double", "words/again"], changes))


@pytest.fixture(scope="module")
def release_here(server: ForkServer) -> Callable[[Course, Path, str], None]:
    """Make a release in this process alone: jobs of its own take seconds to start."""

    def all_results(settings: Settings, work: Callable[..., Any], tasks: Sequence[Any], *_: object) -> list[Any]:
        grader = Grader(find_course(settings.root), server, diagnosis_seconds=math.inf)
        return [work(grader, task) for task in tasks]

    def make(course: Course, target: Path, audience: str) -> None:
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr("grader.authoring.release.all_results", all_results)
            release(course, target, audience, jobs=1)

    return make


@pytest.fixture(scope="module")
def released(
    course: Course, release_here: Callable[[Course, Path, str], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    target = tmp_path_factory.mktemp("out") / "release"
    release_here(course, target, "course")
    return target


@pytest.fixture
def verdict(command: Command) -> Callable[..., Done]:
    """Grade `double` of a submission in a copy of the course."""
    return lambda copy, work: command.run("double", "--submission", work, "--format", "json", cwd=copy)


def files(root: Path) -> dict[str, bytes]:
    """Return all files by path, but for what Python itself leaves behind where checks were run."""
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and path.parent.name != "__pycache__"]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_it_holds_what_the_allow_list_names_and_nothing_else(released: Path) -> None:
    assert sorted(files(released)) == [
        "constraints.txt", "exercises/README.md", "exercises/numbers/README.md",
        "exercises/numbers/checks/test_double.py", "exercises/numbers/double.py", "exercises/numbers/pictures/two.png",
        "exercises/words/again.py", "exercises/words/checks/test_again.py", "mistakes/numbers/double.json",
        "mistakes/words/again.json", "pytest.ini", "requirements.txt", "rubrics/numbers.toml", "rubrics/words.toml",
    ]  # fmt: skip


def test_of_hidden_criteria_it_tells_the_points_alone(released: Path) -> None:
    criteria = tomllib.loads((released / "rubrics/numbers.toml").read_text())["exercises"]["double"]["criteria"]
    assert criteria[0] == {
        "title": "Small numbers", "points": 4, "visibility": "public", "checks": ["test_double_of_two"],
    }  # fmt: skip
    assert criteria[1] == {"title": HIDDEN, "points": 6, "visibility": "hidden", "checks": ["test_hidden"]}


def test_its_public_checks_run_and_the_hidden_ones_are_pending(
    released: Path, tmp_path: Path, verdict: Callable[..., Done]
) -> None:
    (tmp_path / "work.py").write_text("def double(number): return number * 2\n")
    done = verdict(released, tmp_path / "work.py")
    assert (done.returncode, done.stderr) == (0, "")
    (exercise,) = json.loads(done.stdout)["exercises"]
    assert (exercise["points"], exercise["max_points"]) == (4, 10)
    assert [check["outcome"] for check in exercise["checks"]] == ["passed", "skipped"]


def test_mistakes_are_named_without_the_wrong_variants(
    released: Path, tmp_path: Path, verdict: Callable[..., Done]
) -> None:
    (tmp_path / "work.py").write_text("def double(number):\n    copy = number\n    return copy\n")
    done = verdict(released, tmp_path / "work.py")
    (check, _) = json.loads(done.stdout)["exercises"][0]["checks"]
    assert [found["variant"] for found in check["diagnosis"]] == ["unchanged"]


def test_another_wrong_answer_is_no_known_mistake(released: Path, tmp_path: Path, verdict: Callable[..., Done]) -> None:
    (tmp_path / "work.py").write_text("def double(number): return number + 1\n")
    done = verdict(released, tmp_path / "work.py")
    assert json.loads(done.stdout)["exercises"][0]["checks"][0]["diagnosis"] == []


def test_plain_pytest_runs_it_under_its_own_settings(released: Path, tmp_path: Path) -> None:
    copy = write_files(tmp_path / "copy", files(released))
    (tmp_path / "work.py").write_text("def double(number): return 2 * number\ndef again(number): return 2 * number\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--submission", str(tmp_path / "work.py")],
        cwd=copy, env={**os.environ, "PYTEST_ADDOPTS": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_same_course_gives_the_same_bytes(course: Course, released: Path, tmp_path: Path) -> None:
    release(course, tmp_path / "again", "course", jobs=2)
    assert files(tmp_path / "again") == files(released)


def test_self_study_adds_the_solutions_folded_away(
    course: Course, released: Path, release_here: Callable[[Course, Path, str], None], tmp_path: Path
) -> None:
    release_here(course, tmp_path / "alone", "self-study")
    added = files(tmp_path / "alone").keys() - files(released).keys()
    assert added == {"solutions/numbers.md", "solutions/words.md"}
    page = (tmp_path / "alone/solutions/numbers.md").read_text()
    assert "<details><summary>double</summary>" in page
    assert "result = result + number" in page


def test_a_release_leaks_nothing(course: Course, released: Path) -> None:
    assert leaks(course, released) == []


def test_the_name_of_a_public_check_is_no_secret(tmp_path: Path) -> None:
    source = make_course(tmp_path / "source")
    for path in source.rglob("*"):
        if path.is_file():
            path.write_text(path.read_text().replace("test_double_of_two", "test_double_of_two_and_of_one_more"))
    (variant,) = (source / "reference/numbers/double/wrong").glob("*.py")
    assert 'CAUGHT_BY = "test_double_of_two_and_of_one_more"' in variant.read_text()
    assert leaks(find_course(source), write_files(tmp_path / "copy", files(source / "exercises"))) == []


def test_a_result_of_another_kind_is_no_known_mistake(
    released: Path, tmp_path: Path, verdict: Callable[..., Done]
) -> None:
    known = json.loads((released / "mistakes/numbers/double.json").read_text())
    for kept in known["entries"]:
        kept["answers"] = [{"error": ""}]
    copy = write_files(tmp_path / "copy", files(released) | {"mistakes/numbers/double.json": json.dumps(known)})
    (tmp_path / "work.py").write_text("def double(number): return 'two'\n")
    done = verdict(copy, tmp_path / "work.py")
    assert json.loads(done.stdout)["exercises"][0]["checks"][0]["diagnosis"] == []


def test_a_damaged_file_of_mistakes_is_a_sentence(released: Path, tmp_path: Path, verdict: Callable[..., Done]) -> None:
    copy = write_files(tmp_path / "copy", files(released) | {"mistakes/numbers/double.json": "{}"})
    (tmp_path / "work.py").write_text("def double(number): return number\n")
    done = verdict(copy, tmp_path / "work.py")
    assert done.returncode == 2
    assert "double.json is damaged" in done.stderr


@pytest.mark.parametrize(
    ("path", "content", "what"),
    [
        ("exercises/numbers/README.md", f"Look:\n\n```python\n{RENAMED}```\n", "a function"),
        ("exercises/numbers/checks/test_double.py", RENAMED, "a function"),
        ("exercises/numbers/lesson.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": RENAMED}]}), "a function"),
        ("exercises/README.md", "a number that is no whole number was given", "the text"),
        ("exercises/words/README.md", "Negative numbers are doubled too.", "the text"),
    ],
    ids=["in a page", "in a check", "in a notebook", "a text of the solution", "a text of hidden checks"],
)  # fmt: skip
def test_a_planted_leak_is_found(
    course: Course, released: Path, tmp_path: Path, path: str, content: str, what: str
) -> None:
    copy = write_files(tmp_path / "copy", files(released) | {path: content.encode()})
    found = leaks(course, copy)
    assert found
    assert all(leak.path == path for leak in found)
    assert any(leak.what.startswith(what) for leak in found)


def test_a_release_that_would_leak_is_not_made(
    course: Course, release_here: Callable[[Course, Path, str], None], tmp_path: Path
) -> None:
    source = write_files(
        tmp_path / "source", files(course.root) | {"exercises/numbers/README.md": f"```\n{SOLUTION}```\n".encode()}
    )
    with pytest.raises(UsageError, match=r"exercises/numbers/README\.md gives away .* take it out"):
        release_here(find_course(source), tmp_path / "release", "course")
    assert not (tmp_path / "release").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_folder_that_holds_something_is_left_alone(course: Course, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        release(course, tmp_path, "course", jobs=1)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_pictures_that_differ_are_different_answers() -> None:
    def kept(*levels: int) -> Entry:
        image = Image.new("RGB", (4, 3), levels)
        return entry("variant", "test_check", [SimpleNamespace(error=None, result=image, arguments=[], keywords={},
                                                               question=SimpleNamespace(frame=b""))])  # fmt: skip

    assert kept(1, 2, 3) == kept(1, 2, 3)
    assert kept(1, 2, 3) != kept(3, 2, 1)
