"""A new exercise: its files, its blanks, and that it is right once they are filled in."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import pytest

from grader.authoring.new import new_exercise, read_signature
from grader.authoring.verify import FULL, verify
from grader.course.finding import find_course
from grader.course.rubric_reading import load_rubrics
from grader.errors import UsageError
from grader.grading import Grader
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from pathlib import Path

    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

pytestmark = pytest.mark.light

SIGNATURE = "(number: int, power: int) -> int"
FILLED = {
    "exercises/{lesson}/raised.py": [("BLANK: the formula. ", "number ** power. "), ("BLANK", "An int")],
    "exercises/{lesson}/checks/test_raised.py": [("..., ...", "2, 3"), ("expected = ...", "expected = 8"), ("BLANK", "")],
    "reference/{lesson}/raised/solution.py": [("raise NotImplementedError  # BLANK: the solution", "return number**power")],
    "reference/{lesson}/raised/test_hidden.py": [("st.integers()", "st.integers(0, 9)"), ("BLANK", "")],
    "reference/{lesson}/raised/wrong/first_mistake.py": [
        ("raise NotImplementedError  # BLANK: a whole solution with this one mistake", "return number * power"), ("BLANK: ", "")
    ],
    "reference/{lesson}/raised/accepted/another_style.py": [
        ("raise NotImplementedError  # BLANK: a right solution in another style", "return pow(number, power)"), ("BLANK: ", "")
    ],
    "rubrics/{lesson}.toml": [("BLANK: ", "")],
    "exercises/{lesson}/README.md": [("BLANK: ", "")],
}  # fmt: skip


@pytest.mark.torch
@pytest.mark.parametrize("lesson", ["numbers", "powers"], ids=["in a lesson", "in a new lesson"])
def test_with_its_blanks_filled_in_it_is_right(tmp_path: Path, server: ForkServer, lesson: str) -> None:
    root = make_course(tmp_path)
    places = new_exercise(find_course(root), f"{lesson}/raised", SIGNATURE)
    assert {str(place.path.relative_to(root)) for place in places} >= {path.format(lesson=lesson) for path in FILLED}
    course = find_course(root)
    load_rubrics(course)  # which has points for it already
    (exercise,) = course.select(["raised"])
    grader = Grader(course, server, diagnosis_seconds=math.inf)
    blank = verify(grader, exercise).findings
    assert blank
    assert all("is a blank: fill it in." in finding for finding in blank)
    assert any(finding.startswith(f"exercises/{lesson}/raised.py, line 5 is") for finding in blank), blank
    for path, replacements in FILLED.items():
        file = root / path.format(lesson=lesson)
        text = file.read_text()
        for before, after in replacements:
            assert before in text, (path, before)
            text = text.replace(before, after)
        file.write_text(text)
    report = verify(grader, exercise, dataclasses.replace(FULL, mutant_seconds=math.inf))
    assert report.findings == []
    assert (report.wrong_diagnosed, report.accepted_passed, report.mutants) == (1, 1, 1)


def test_what_is_drawn_at_first_has_the_arguments_type(tmp_path: Path) -> None:
    root = make_course(tmp_path)
    new_exercise(find_course(root), "numbers/raised", "(x: torch.Tensor, by: float, up: bool, n: int) -> torch.Tensor")
    hidden = (root / "reference/numbers/raised/test_hidden.py").read_text()
    assert "@given(x=..., by=st.floats(0.0, 1.0), up=st.booleans(), n=st.integers())\n" in hidden


@pytest.mark.parametrize(
    ("signature", "imports"),
    [
        ("(n: int) -> float", []),
        ("(x: torch.Tensor) -> torch.Tensor", ["", "import torch"]),
        ("(x: np.ndarray, by: float = np.pi) -> tuple[int, float]", ["", "import numpy as np"]),
        ("(x: npt.NDArray[np.uint8]) -> None", ["", "import numpy as np", "import numpy.typing as npt"]),
        ("(sensor: Any) -> Image.Image", ["", "from typing import Any", "", "from PIL import Image"]),
        ("(thing: Any) -> None", ["", "from typing import Any"]),
    ],
)
@pytest.mark.parametrize("place", ["exercises/numbers/raised.py", "reference/numbers/raised/solution.py"])
def test_what_the_signature_names_is_imported(place: str, signature: str, imports: list[str], tmp_path: Path) -> None:
    root = make_course(tmp_path)
    new_exercise(find_course(root), "numbers/raised", signature)
    lines = (root / place).read_text().splitlines()
    assert lines[1 : lines.index(next(line for line in lines if line.startswith("def "))) - 2] == imports


def test_points_of_the_lesson_grow_with_it(tmp_path: Path) -> None:
    root = make_course(tmp_path)
    new_exercise(find_course(root), "numbers/raised", SIGNATURE)
    assert "points = 20" in (root / "rubrics/numbers.toml").read_text()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    root = make_course(tmp_path)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=r"exercises/numbers/double\.py exists already"):
        new_exercise(find_course(root), "numbers/double", "(number: int) -> int")
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["numbers/class", "def/double", "numbers/questions", "checks/double", "numbers/all"])
def test_a_name_that_means_something_else_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="means something else in a course or in Python"):
        new_exercise(find_course(make_course(tmp_path)), name, SIGNATURE)


@pytest.mark.parametrize("name", ["double", "numbers/", "Numbers/double", "numbers/a/b", "../x"])
def test_an_odd_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is not a valid name"):
        new_exercise(find_course(make_course(tmp_path)), name, SIGNATURE)


@pytest.mark.parametrize(
    "text", ["", "(x)", "(x: int)", "(x) -> int", "() -> int", "def other(x: int) -> int", "x: int; import os"]
)
def test_an_odd_signature_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write it as in"):
        read_signature(text, "raised")


def test_a_signature_may_be_a_whole_line() -> None:
    found = read_signature("def raised(x: torch.Tensor, *, by: float = 2.0) -> torch.Tensor:", "raised")
    types = {"x": "torch.Tensor", "by": "float"}
    assert found == ("raised", "x: torch.Tensor, *, by: float=2.0", types, "torch.Tensor")


def test_without_a_terminal_the_signature_is_asked_for_in_a_sentence(tmp_path: Path, command: Command) -> None:
    course = make_course(tmp_path / "course")
    done = command.run("new", "numbers/halve", cwd=course)
    assert (done.returncode, done.stderr) == (
        2, 'grade: What students write is not known: add --signature "(x: torch.Tensor, timestep: int) -> torch.Tensor".\n',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("numbers/double", "exists already"),
        ("Double", "is not a valid name"),
        ("numbers/list", "is a command of `grade`"),
    ],
)
def test_a_name_that_cannot_be_is_refused_before_anything_is_asked(
    tmp_path: Path, command: Command, name: str, said: str
) -> None:
    done = command.run("new", name, cwd=make_course(tmp_path / "course"))
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


@pytest.mark.torch
@pytest.mark.parametrize("place", ["rubrics/numbers.toml", "exercises/numbers/README.md"])
def test_a_blank_in_the_page_or_the_rubric_is_a_finding(tmp_path: Path, server: ForkServer, place: str) -> None:
    root = make_course(tmp_path / "course", changes={"exercises/numbers/README.md": "# Numbers\n"})
    with (root / place).open("a") as file:
        file.write("# BLANK: what is built here\n")
    course = find_course(root)
    [found] = verify(Grader(course, server), course.exercises[0]).findings
    assert f"{place}, line " in found
    assert "is a blank: fill it in." in found
