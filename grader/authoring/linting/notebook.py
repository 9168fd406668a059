"""A notebook as the rules see it: cells with their Python, what they hold besides, and where names are bound."""

from __future__ import annotations

import ast
import codecs
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from grader.course.syntax import parse
from grader.errors import UsageError
from grader.faults import reading
from grader.submission.notebook.magics import parsed, python_of
from grader.submission.text import with_newlines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FORMAT = 4
_NOT_PYTHON = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)
# What a kernel binds by a magic or a shell line, which is no Python: `files = !ls`, `%time x = f()`, `%%capture said`.
_BOUND = re.compile(r"^[ \t]*(?:%%?\w+[ \t]+(?:-\S+[ \t]+)*)?([A-Za-z_][\w, ]*?)[ \t]*=(?!=)", re.MULTILINE)
_CAPTURED = re.compile(r"%%capture(?:[ \t]+--[\w-]+)*[ \t]+(\w+)")


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str] = ""
    outputs: list[Any] = []
    execution_count: int | None = None
    attachments: dict[str, Any] = {}


class _Notebook(msgspec.Struct):
    nbformat: int
    cells: list[_Cell] = []
    metadata: dict[str, Any] = {}


@dataclass(frozen=True)
class Cell:
    """A cell; `number` counts from 1, over cells of all kinds, `count` is the number that running gave it."""

    number: int
    is_code: bool
    text: str
    shows: bool = False
    count: int | None = None
    attachments: frozenset[str] = frozenset()

    @functools.cached_property
    def python(self) -> str:
        """The cell's Python with its lines where they were, without magics; a cell that is not Python as it is."""
        try:
            return parsed(python_of(self.text)).text
        except _NOT_PYTHON:
            return python_of(self.text)

    @functools.cached_property
    def error(self) -> Exception | None:
        """Why the cell does not compile, None if it does."""
        try:
            compile(self.python, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
        except _NOT_PYTHON as error:
            return error
        return None

    @functools.cached_property
    def tree(self) -> ast.Module:
        """The cell's statements, none of a cell that is not Python."""
        return parse(self.python) if self.is_code and self.error is None else ast.Module([], [])

    @property
    def shelled(self) -> str:
        """What of a cell is magic or shell: the lines that its Python lacks."""
        kept = set(self.python.split("\n"))
        return "\n".join(line for line in self.text.split("\n") if line not in kept)


@dataclass(frozen=True)
class Notebook:
    """A notebook and where it lies."""

    path: Path
    cells: tuple[Cell, ...]
    on_colab: bool

    @property
    def code(self) -> tuple[Cell, ...]:
        """The cells of code."""
        return tuple(cell for cell in self.cells if cell.is_code)

    def beside(self, cell: Cell) -> tuple[Cell, ...]:
        """Return the cells of code just before and just after a cell of text."""
        index = cell.number - 1
        return tuple(each for each in self.cells[max(index - 1, 0) : index + 2] if each.is_code)

    def nodes(self) -> Iterator[tuple[Cell, ast.AST]]:
        """Yield every node of every cell of code, in the order of cells."""
        for cell in self.code:
            for node in ast.walk(cell.tree):
                yield cell, node

    def calls(self) -> Iterator[tuple[Cell, ast.Call, str]]:
        """Yield every call with its function as a dotted name, empty if it has none."""
        for cell, node in self.nodes():
            if isinstance(node, ast.Call):
                yield cell, node, dotted(node.func)

    @functools.cached_property
    def bound_by_magics(self) -> frozenset[str]:
        """The names that magics and shell lines bind."""
        found = set()
        for cell in self.code:
            for match in [*_BOUND.finditer(cell.shelled), *_CAPTURED.finditer(cell.text)]:
                found |= {name.strip() for name in match[1].split(",")}
        return frozenset(found)


def read(path: Path) -> Notebook:
    """Read a notebook of format 4; raise `UsageError` if the file is not one."""
    with reading(path):
        content = path.read_bytes()
    try:
        found = msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8), type=_Notebook)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a notebook, or is damaged ({error}): save it with Jupyter.") from error
    if found.nbformat != _FORMAT:
        raise UsageError(f"{path} has format {found.nbformat}, and {_FORMAT} is due: save it with a current Jupyter.")
    cells = tuple(
        Cell(
            number,
            cell.cell_type == "code",
            with_newlines(cell.source if isinstance(cell.source, str) else "".join(cell.source)),
            bool(cell.outputs),
            cell.execution_count,
            frozenset(cell.attachments),
        )
        for number, cell in enumerate(found.cells, 1)
    )
    return Notebook(path, cells, "colab" in found.metadata)


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for such an expression, of a call or an item what it ends in (`.sample`), else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def targets(node: ast.AST) -> tuple[str, ...]:
    """Return the plain names that an assignment binds."""
    assigned = (
        node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    )
    found: list[str] = []
    for target in assigned:
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        found += [part.id for part in parts if isinstance(part, ast.Name)]
    return tuple(found)


def keywords(call: ast.Call) -> dict[str, ast.expr]:
    """Return what a call passes by name."""
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
