"""Reads the cells of a notebook, of any format that nbformat knows."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import nbformat

from grader.errors import UsageError
from grader.faults import text_of

if TYPE_CHECKING:
    from pathlib import Path

_BROKEN = (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError)
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


class Cell(NamedTuple):
    """A cell; `number` counts from 1 over cells of all kinds, `shown` is what the last run gave as its result."""

    number: int
    kind: str
    text: str
    metadata: dict[str, Any]
    shown: str | None


def read_cells(path: Path) -> list[Cell]:
    """Return the cells of a notebook; raise `UsageError` if the file is not one."""
    text = text_of(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about its metadata does not matter here
            cells = nbformat.reads(text, as_version=4).cells
        return [_cell(number, cell) for number, cell in enumerate(cells, 1)]
    except _BROKEN as error:
        raise UsageError(f"{path} is not a notebook: give the .ipynb file that the instructor writes.") from error


def _cell(number: int, cell: Any) -> Cell:
    results = [output for output in cell.get("outputs", []) if output.get("output_type") == "execute_result"]
    shown = results[-1].get("data", {}).get("text/plain") if results else None
    return Cell(number, str(cell.cell_type), str(cell.source), dict(cell.metadata), shown if shown else None)


def title_of(cells: list[Cell], otherwise: str) -> str:
    """Return the first heading of the first level."""
    headings = (_HEADING.search(cell.text) for cell in cells if cell.kind == "markdown")
    return next((found[1] for found in headings if found), otherwise)
