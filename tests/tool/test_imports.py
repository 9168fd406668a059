"""Which files a file imports from given packages: directly, through others, in every form, and never by running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course.finding import find_course
from grader.course.imports import imported_files
from helpers.course_factory import make_course, write_files


def found(root: Path, source: str, helpers: dict[str, str]) -> list[str]:
    write_files(root, {"check.py": source} | helpers)
    return [
        path.relative_to(root).as_posix()
        for path in imported_files([root / "check.py"], {"exercises": root / "exercises"})
    ]


@pytest.mark.parametrize(
    "line",
    [
        "from exercises.numbers.checks import _noise",
        "from exercises.numbers.checks import other, _noise as n",
        "from exercises.numbers.checks._noise import draw",
        "import exercises.numbers.checks._noise",
        "import os, exercises.numbers.checks._noise as n",
        "def test_x():\n    from exercises.numbers.checks import _noise",
    ],
)
def test_every_form_of_import_leads_to_the_file(tmp_path: Path, line: str) -> None:
    helper = "exercises/numbers/checks/_noise.py"
    assert found(tmp_path, line, {helper: "", "exercises/numbers/checks/_unused.py": ""}) == [helper]


def test_what_helpers_import_counts_too_and_a_circle_ends(tmp_path: Path) -> None:
    helpers = {
        "exercises/_shared/_a.py": "from exercises._shared import _b",
        "exercises/_shared/_b.py": "from exercises._shared import _a",
    }
    assert found(tmp_path, "from exercises._shared import _a", helpers) == list(helpers)


def test_other_modules_and_what_is_not_python_lead_nowhere(tmp_path: Path) -> None:
    assert found(tmp_path, "import os, grader.checks\nfrom exercises import nothing\nfrom . import x", {}) == []
    assert found(tmp_path, "from exercises import (", {}) == []


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    helper = {"exercises/_a.py": ""}
    assert found(tmp_path, "", helper) == []
    assert found(tmp_path, "from exercises import _a", helper) == ["exercises/_a.py"]


def test_an_exercise_knows_every_file_that_decides_its_result(tmp_path: Path) -> None:
    public = "exercises/numbers/checks/test_double.py"
    changes = {
        "exercises/numbers/checks/_two.py": "from exercises._shared import _one",
        "exercises/_shared/_one.py": "",
        "reference/numbers/_three.py": "",
        "exercises/numbers/checks/_two.safetensors": "",  # what it has recorded
        "exercises/numbers/checks/_unused.py": "",
        "exercises/numbers/checks/_unused.safetensors": "",
    }
    root = make_course(tmp_path, changes=changes)
    for path, line in (
        (public, "from exercises.numbers.checks import _two\n"),
        ("reference/numbers/double/test_hidden.py", "from reference.numbers import _three\n"),
    ):
        (root / path).write_text(line + (root / path).read_text())
    [exercise] = find_course(root).exercises
    checks = "exercises/numbers/checks"
    helpers = {f"{checks}/_two.py", f"{checks}/_two.safetensors", "exercises/_shared/_one.py"}
    shared = {"exercises/numbers/double.py", public, *helpers}
    answers = {
        f"reference/numbers/double/{name}"
        for name in ("solution.py", "test_hidden.py", "wrong/unchanged.py", "accepted/sum.py")
    }
    assert {path.relative_to(root).as_posix() for path in exercise.public_sources} == shared
    assert {path.relative_to(root).as_posix() for path in exercise.public_helpers} == helpers
    assert {path.relative_to(root).as_posix() for path in exercise.sources} == shared | answers | {
        "reference/numbers/_three.py",
        "rubrics/numbers.toml",
    }
