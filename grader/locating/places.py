"""The smallest part of a source that has several places in it: an expression, a statement, or some lines."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from grader.course.syntax import parse
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
    tree = parse(source)
    part, *others = [place for place in places if not _is_coarse(place, places)]
    for place in others:
        part = part.joined(place)
    for place in _where_it_is_made(tree, part):
        part = part.joined(place)
    for around in sorted(_nodes_around(tree, part), key=_size):
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


def _where_it_is_made(tree: ast.Module, part: Span) -> Iterator[Span]:
    """Yield the statements that make the variable that a part is, if it is used nowhere else.

    Whether its value is wrong or what is done with it, nobody can tell then.
    """
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef) or not span(function).has(part):
            continue
        every = [*ast.walk(function)]
        meant = next((node for node in every if isinstance(node, ast.Name) and span(node) == part), None)
        if meant is None:
            return
        made = [each for each in every if isinstance(each, ast.Assign | ast.AugAssign) and meant.id in _made(each)]
        parts = [node for each in made for node in ast.walk(each)]  # `x[0] = 1` mentions x, and makes it
        uses = [node for node in every if isinstance(node, ast.Name) and node.id == meant.id and node not in parts]
        if uses == [meant]:
            yield from map(span, made)


def _made(statement: ast.Assign | ast.AugAssign) -> set[str]:
    """Return the variables that an assignment gives a value, whole or in part."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    every = [each for target in targets for each in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return {_variable(each) for each in every}


def _variable(target: ast.expr) -> str:
    """Return the variable in the target of an assignment, "" for none: `x` for `x[0].grad`."""
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _nodes_around(tree: ast.Module, part: Span) -> Iterator[Span]:
    for node in ast.walk(tree):
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
