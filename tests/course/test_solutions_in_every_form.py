"""The solutions and the known mistakes of the course are taken alike of a file and of a notebook."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.submission.model import Source
from grader.submission.reading import read_submission
from helpers.cells import notebook_of

if TYPE_CHECKING:
    from grader.course.model import Exercise

COURSE = find_course(Path(__file__).parents[2])
OTHER = ["import not_there_at_all", "!pip install x", "model = not_there_at_all.train()", "for x in y: z = x"]


def _solution(exercise: Exercise) -> Path:
    return COURSE.root / "reference" / exercise.lesson / exercise.name / "solution.py"


def _plain(text: str) -> set[str]:
    """Return the statements of a text, without comments and documentation, in any order."""
    return {ast.unparse(node) for node in ast.parse(text).body if not isinstance(node, ast.Expr)}


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.name)
def test_a_solution_is_taken_alike_of_a_file_and_of_a_notebook(exercise: Exercise, tmp_path: Path) -> None:
    text = _solution(exercise).read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = text.split("\n")
    starts = [min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1 for node in tree.body]
    cells = ["\n".join(lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    (tmp_path / "work.py").write_text(text, encoding="utf-8")

    whole = read_submission(tmp_path / "work.py").source_of(exercise)
    parted = notebook_of(tmp_path, [*OTHER, *cells, *OTHER]).source_of(exercise)

    assert isinstance(whole, Source)
    assert isinstance(parted, Source)
    assert parted.modules.keys() == whole.modules.keys()
    taken = _plain(parted.files["work.ipynb.py"])
    assert taken == _plain(whole.definitions["work.py"].text)
    assert taken <= _plain(text)
    assert not parted.left_out
