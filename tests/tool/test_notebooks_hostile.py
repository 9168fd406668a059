"""Broken and hostile notebooks, each with the verdict that it must get."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from grader.course.finding import find_course
from grader.grading import Grader
from grader.submission.reading import read_submission
from helpers.course_factory import make_course
from helpers.notebooks import code, notebook, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.sandbox.outside.server import ForkServer

pytestmark = pytest.mark.confined

RIGHT = "def double(number):\n    return 2 * number"
WRONG = "def double(number):\n    return number"
NOT_A_NOTEBOOK = "work.ipynb is not a notebook, or is damaged"

NOTEBOOKS: dict[str, tuple[str, str, str]] = {
    # name: (content, outcome, what the first check says)
    "right": (notebook(text("# Doubling"), RIGHT), "passed", ""),
    "wrong, and its checks are gone": (notebook(WRONG), "failed", "Twice two is four."),
    "wrong, with outputs that say it passed": (
        notebook(code(WRONG, outputs=[{"output_type": "stream", "name": "stdout", "text": "double: 10 of 10 points"}])),
        "failed",
        "Twice two is four.",
    ),
    "wrong, with the judge patched in a cell": (
        notebook("import grader.grading\ngrader.grading.Grader.grade = None", "raise SystemExit(0)", WRONG),
        "failed",
        "Twice two is four.",
    ),
    "wrong, then right": (notebook(WRONG, RIGHT), "passed", ""),
    "right, then wrong": (notebook(RIGHT, WRONG), "failed", "Twice two is four."),
    "right, but made wrong by a cell that only runs": (notebook(RIGHT, "double = spoiled(double)"), "passed", ""),
    "right, with a cell that is no Python": (notebook("SELECT * FROM a\n\x1b[2J", RIGHT), "passed", ""),
    "right, with cells that never end": (notebook("while True: pass", RIGHT, "import os; os._exit(0)"), "passed", ""),
    "right, with a missing package elsewhere": (notebook("import wandb", RIGHT, "wandb.init()"), "passed", ""),
    "a missing package that it needs": (
        notebook("import not_there", RIGHT.replace("2", "not_there.two")),
        "failed",
        "Importing your file raised ModuleNotFoundError: No module named 'not_there'",
    ),
    "a syntax error in it": (notebook(RIGHT + " 3"), "failed", "work.ipynb has a syntax error in cell 1, line 2"),
    "the stub": (notebook(RIGHT.replace("return 2 * number", "raise NotImplementedError")), "failed", "not written yet"),
    "no function": (notebook(text(RIGHT)), "failed", "`double` was not found in work.ipynb"),
    "no cell": (notebook(), "failed", "`double` was not found in work.ipynb"),
    "a function under a shell magic": (notebook("%%bash\n" + RIGHT), "failed", "`double` was not found in work.ipynb"),
    "empty": ("", "failed", NOT_A_NOTEBOOK),
    "a page of an error": ("<!doctype html><title>404</title>", "failed", "work.ipynb is really a web page"),
    "cut off": (notebook(RIGHT)[:-10], "failed", NOT_A_NOTEBOOK),
    "cells that are none": (json.dumps({"nbformat": 4, "cells": [1, 2]}), "failed", NOT_A_NOTEBOOK),
    "nested without end": ('{"nbformat": 4, "cells": ' + "[" * 200_000, "failed", NOT_A_NOTEBOOK),
    "a format of the future": (json.dumps({"nbformat": 9, "cells": []}), "failed", "work.ipynb has format 9"),
    "five thousand cells": (notebook(*[""] * 5_000, RIGHT), "passed", ""),
    "a hundred thousand cells": (notebook(*[""] * 100_000, RIGHT), "failed", "has more than 10,000 cells"),
    "outputs of megabytes": (notebook(code(RIGHT, outputs=[{"data": {"text/plain": "x" * 3_000_000}}])), "passed", ""),
    "code of megabytes": (notebook("x = '" + "x" * 3_000_000 + "'", RIGHT), "failed", "is larger than 1 MB"),
    "names that take over": (
        notebook("__builtins__ = {}", "__name__ = 'x'", "print = int = None", RIGHT.replace("return", "print; return")),
        "passed",
        "",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, server: ForkServer) -> Callable[[Path], Any]:
    course = find_course(make_course(tmp_path_factory.mktemp("course")))
    grader = Grader(course, server)
    return lambda path: grader.grade(read_submission(path), course.exercises).exercises[0]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_gets_its_verdict(name: str, tmp_path: Path, graded: Callable[[Path], Any]) -> None:
    content, outcome, said = NOTEBOOKS[name]
    (tmp_path / "work.ipynb").write_text(content)
    exercise = graded(tmp_path / "work.ipynb")
    assert str(exercise.outcome) == outcome
    assert exercise.points == (10 if outcome == "passed" else 0)
    assert said in exercise.checks[0].message
    assert "\x1b" not in exercise.checks[0].message
