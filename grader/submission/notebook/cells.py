"""Reads the code cells out of a notebook's JSON, of any format that is in use."""

from __future__ import annotations

import codecs
import json
from typing import NamedTuple

import msgspec

from grader.submission.limits import MAX_CELLS


class Cell(NamedTuple):
    """A cell: what messages call it, its text, and whether it is one of code."""

    label: str
    text: str
    is_code: bool


class _Cell(msgspec.Struct):
    """A cell of any format; everything else in a notebook's JSON is skipped unread."""

    cell_type: str
    source: str | list[str] = ""
    input: str | list[str] = ""  # the name of `source` before format 4

    def text(self) -> str:
        text = self.source or self.input
        return text if isinstance(text, str) else "".join(text)


class _Worksheet(msgspec.Struct):
    cells: list[_Cell] = []


class _Notebook(msgspec.Struct):
    nbformat: int
    cells: list[_Cell] = []
    worksheets: list[_Worksheet] = []


_KEYS = {*_Cell.__struct_fields__, *_Worksheet.__struct_fields__, *_Notebook.__struct_fields__}
_MAX_LENIENT_BYTES = 8_000_000  # what is built from them takes many times their room


class NotANotebookError(Exception):
    """The text is a sentence."""


def code_cells(path: str, content: bytes) -> list[tuple[str, str]]:
    """Return what messages call each code cell, and its text; raise `NotANotebookError` if it cannot be read."""
    return [(cell.label, cell.text) for cell in all_cells(path, content) if cell.is_code]


def all_cells(path: str, content: bytes) -> list[Cell]:
    """Return every cell in order; raise `NotANotebookError` if the notebook cannot be read."""
    try:
        notebook = _decoded(content.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotANotebookError(f"{path} is not a notebook, or is damaged: save it with Jupyter.") from error
    if notebook.nbformat not in (3, 4):
        found = notebook.nbformat
        raise NotANotebookError(f"{path} has format {found}, which is not supported: save it with a current Jupyter.")
    cells = [cell for sheet in notebook.worksheets for cell in sheet.cells] + notebook.cells
    if len(cells) > MAX_CELLS:
        raise NotANotebookError(
            f"{path} has more than {MAX_CELLS:,} cells: hand in only those that solve the exercises."
        )
    return [Cell(f"cell {number}", cell.text(), cell.cell_type == "code") for number, cell in enumerate(cells, 1)]


def _decoded(content: bytes) -> _Notebook:
    try:
        return msgspec.json.decode(content, type=_Notebook)
    except ValueError:
        if len(content) > _MAX_LENIENT_BYTES:
            raise
    # Outputs may contain what is not JSON but is written and read all the same: NaN, half a character.
    tree = json.loads(content, strict=False, object_hook=lambda made: {key: made[key] for key in made.keys() & _KEYS})
    return msgspec.convert(tree, _Notebook)
