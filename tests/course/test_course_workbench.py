"""The course's workbench: public, run beside submissions, and so without anything that knows an answer."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.sources import WORKBENCH
from grader.sandbox.outside.workbench_file import workbench_of
from helpers.equipment import BENCH

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).parents[2] / "exercises" / WORKBENCH
MAY_IMPORT = (
    *sys.stdlib_module_names, "torch", "diffusers", "transformers", "peft", "numpy", "PIL", "safetensors",
    "grader.workbench", "grader.sandbox.workbench",
)  # fmt: skip


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def not_allowed(source: str) -> list[str]:
    return [
        name for name in imported(source) if not any(name == may or name.startswith(may + ".") for may in MAY_IMPORT)
    ]


def test_it_imports_nothing_that_knows_an_answer() -> None:
    assert not_allowed(FILE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "from grader.checks import assert_close",
        "import grader.diffusion.stable_diffusion",
        "from exercises._shared import _noise",
        "from reference.numbers import _answers",
        "from . import solution",
        "def recipe():\n    from grader.plugin import judge",
    ],
)
def test_an_import_that_could_know_one_is_seen(line: str) -> None:
    assert len(not_allowed(line)) == 1


def test_every_recipe_and_reader_says_what_it_makes() -> None:
    bench = workbench_of(BENCH.workbench)
    functions = [*bench.recipes.values(), *(reader.function for reader in bench.readers.values())]
    assert [function.__name__ for function in functions if not function.__doc__] == []
