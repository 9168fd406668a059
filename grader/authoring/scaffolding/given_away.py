"""Looks for what blanks stand for elsewhere in a release, where a student could copy it from."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from grader.authoring.scaffolding.stub_texts import marks_of, statements
from grader.course.syntax import parse
from grader.edition import PICTURES
from grader.start_page import STUB
from grader.submission.notebook.cells import NotANotebookError, all_cells
from grader.submission.notebook.magics import exercise_of, python_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from grader.authoring.scaffolding.solution_marks import Blank
    from grader.course.model import Exercise

LEAST = 12  # characters, without spaces: a shorter text may be anywhere by chance
_MEANT_FOR_STUDENTS = ("mistakes/", "solutions/")


class GivenAway(NamedTuple):
    """A file of a release, and the exercise with a blank that stands for a text in it."""

    path: str
    exercise: str
    text: str


def given_away(exercises: Iterable[Exercise], files: Mapping[str, bytes]) -> list[GivenAway]:
    """Return where files of a release, by path, hold what a blank of one of the exercises stands for.

    What the exercise's own statement says is not secret, and statements of others are statements, too.
    """
    read = {path: _squeezed("\n".join(_texts(path, content))) for path, content in files.items() if _is_read(path)}
    found = []
    for exercise in exercises:
        said = _squeezed("\n".join(statements(exercise).values()))
        for text in sorted({text for blank in marks_of(exercise).blanks for text in _hidden_texts(blank)}):
            wanted = _squeezed(text)
            if len(wanted) >= LEAST and wanted not in said:
                found += [GivenAway(path, exercise.key, text) for path, known in read.items() if wanted in known]
    return found


def faults(exercise: Exercise, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield where an exercise's blanks are given away, as sentences."""
    for each in given_away([exercise], files):
        yield f"{each.path} gives a blank away, `{each.text}`: hide it there too, or choose another blank."


def _hidden_texts(blank: Blank) -> Iterator[str]:
    """Yield what a blank stands for: its parts, and the whole expression of its statement."""
    yield from map(ast.unparse, blank.hidden)
    value = getattr(blank.node, "value", None)
    if isinstance(value, ast.expr):
        yield ast.unparse(value)


def _is_read(path: str) -> bool:
    return not path.startswith(_MEANT_FOR_STUDENTS) and not path.endswith((*PICTURES, ".whl", ".safetensors"))


def _texts(path: str, content: bytes) -> Iterator[str]:
    """Yield what a file says: of stubs the code alone, of notebooks the cells."""
    text = content.decode("utf-8", "replace")
    if STUB.fullmatch(path):
        yield _code(text)
    elif path.endswith(".ipynb"):
        try:
            for cell in all_cells(path, content):
                yield _code(python_of(cell.text)) if cell.is_code and exercise_of(cell.text) else cell.text
        except NotANotebookError:
            yield text
    else:
        yield text


def _code(text: str) -> str:
    """Return code without comments and without the docstrings of its functions."""
    tree = parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
            node.body = node.body or [ast.Pass()]
    return ast.unparse(tree)


def _squeezed(text: str) -> str:
    """Return a text without spaces, quotation marks and the commas before closing brackets, which hide no line."""
    return re.sub(r",([)\]}])", r"\1", re.sub(r"[\s`'\"]", "", text))
