"""The smallest part of a source that has several places in it: an expression, a statement, or some lines."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from grader.mutation.repairs import Span, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_LINES = 4  # of code that is shown
_WHOLE = ast.FunctionDef | ast.For | ast.While | ast.If | ast.With | ast.Try


class Region(NamedTuple):
    """Lines of a source, and the code in them that is meant, "" for all that lies in them."""

    part: Span
    code: str


def region(source: str, places: Sequence[Span]) -> Region:
    """Return the smallest region that has all these places in it."""
    part, *others = [place for place in places if not _is_coarse(place, places)]
    for place in others:
        part = part.joined(place)
    for around in sorted(_nodes_around(source, part), key=_size):
        if _is_unique(source, around):
            return Region(around, code_of(source, around))
    return Region(part, code_of(source, part) if part.line == part.last_line else "")


def _is_coarse(place: Span, places: Sequence[Span]) -> bool:
    """Tell whether a place of several lines has a finer one in it: an edit there does the same, and more."""
    return place.line < place.last_line and any(place != other and place.has(other) for other in places)


def code_of(source: str, part: Span) -> str:
    """Return a part of a source as it is written, "" if it is long."""
    lines = source.split("\n")[part.line - 1 : part.last_line]
    if len(lines) == 1:
        return lines[0].encode()[part.column : part.end].decode().strip()
    return textwrap.dedent("\n".join(lines)) if len(lines) <= _MOST_LINES else ""


def _nodes_around(source: str, part: Span) -> Iterator[Span]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.expr | ast.stmt) and not isinstance(node, _WHOLE) and span(node).has(part):
            yield span(node)


def _is_unique(source: str, part: Span) -> bool:
    """Tell whether a part of a line is written only once in it, so that everybody knows which one is meant."""
    code = code_of(source, part)
    if part.line < part.last_line or not code:
        return True
    line = source.split("\n")[part.line - 1]
    return len(re.findall(rf"(?<!\w){re.escape(code)}(?!\w)", line)) == 1


def _size(part: Span) -> tuple[int, int]:
    return part.last_line - part.line, part.end - part.column
