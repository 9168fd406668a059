"""What a notebook has where its code is not read: other files, text cells, and cells that are not Python."""

from __future__ import annotations

import re

from grader.submission.notebook.magics import CELL_MAGIC
from grader.submission.slices import MODULE

_FUNCTION = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_ASSIGNED = re.compile(r"^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
_IMPORTED = re.compile(r"^[ \t]*(?:from[ \t]+\S+[ \t]+)?import[ \t]+(.*)", re.MULTILINE)
_RUN = re.compile(
    r"[ \t]*(?:%run\b[ \t]*(?:-\w+[ \t]+)*|get_ipython\(\)\.(?:run_line_magic|magic)\('run(?:', '| ))([^\s']+)"
)
_WRITTEN = re.compile(r"\s*%%(?:writefile|file)\b[ \t]*(?:-a[ \t]+)?(\S+)")
_INDENTED = re.compile(r"^[ \t>]*", re.MULTILINE)


def spoiled_by(source: str) -> frozenset[str]:
    """Return the functions and classes that a cell with a syntax error was to define."""
    names = set(_FUNCTION.findall(_dedented(source)))
    magic = CELL_MAGIC.match(source.lstrip())
    if magic and magic[1] == "exercise":
        names.update(magic[2].split())
    return frozenset(names)


def defined_in(text: str) -> frozenset[str]:
    """Return the names that a text was to define, assign or import, as far as one can tell."""
    imported = (word for line in _IMPORTED.findall(text) for word in re.findall(r"\w+", line))
    return frozenset((*_FUNCTION.findall(text), *_ASSIGNED.findall(text), *imported))


def run_elsewhere(place: str, source: str) -> dict[str, str]:
    """Return under "" what to say of any name that is missing, if a cell runs another file."""
    for number, line in enumerate(source.split("\n"), 1):
        if run := _RUN.match(line):
            where = f"{place}, line {number} runs {run[1][:80]} (`%run`), and magics are dropped"
            return {"": f"{where}: copy what you need of it into a cell."}
    return {}


def written_elsewhere(place: str, source: str) -> dict[str, str]:
    """Return what to say of the names in a cell that is only written to a file, and of that file as a module."""
    written = _WRITTEN.match(source)
    if not written:
        return {}
    where = f"{place} only writes it to {written[1][:80]} (`%%writefile`)"
    names = {*_FUNCTION.findall(source), *_ASSIGNED.findall(source), f"{MODULE}{written[1].removesuffix('.py')}"}
    return dict.fromkeys(names, f"{where}: delete that line, so that the cell itself is code.")


def defined_in_text(place: str, source: str) -> dict[str, str]:
    """Return what to say of functions that stand in a cell of text."""
    names = _FUNCTION.findall(_INDENTED.sub("", source))
    return dict.fromkeys(names, f"{place} holds it, but that is a cell of text: make it a cell of code.")


def _dedented(source: str) -> str:
    """Return a cell as notebooks run it, which take away the indentation of its first line."""
    first = next((line for line in source.split("\n") if line.strip() and not line.startswith("%%")), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return "\n".join(line.removeprefix(indent) for line in source.split("\n")) if indent else source
