"""Repairs of a function: every single edit that may mend it, with the place in the source that it is made at.

These are mutants read backwards. `grader.mutation.mutants` spoils a right solution, and which mutants it makes is
recorded with the exercises; a repair starts from a wrong function, so the operators here are a list of their own, which
includes those of mutants.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from grader.course.syntax import parse
from grader.mutation.repair_operators import COMMON, Words, replacements
from grader.mutation.repair_terms import terms
from grader.mutation.statement_repairs import Change, changes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_NOT_REPAIRED = ("annotation", "returns", "decorator_list", "type_params")
_MOST_NUMBERS = 12  # taken from a statement: a worked example has any number of them


class Span(NamedTuple):
    """A part of a source: lines from 1, and columns in bytes of UTF-8 as syntax trees count them."""

    line: int
    column: int
    last_line: int
    end: int

    def joined(self, other: Span) -> Span:
        """Return the smallest part that has both in it."""
        first = min(self[:2], other[:2])
        last = max(self[2:], other[2:])
        return Span(*first, *last)

    def has(self, other: Span) -> bool:
        """Tell whether the other part lies in this one."""
        return self[:2] <= other[:2] and other[2:] <= self[2:]


class Repair(NamedTuple):
    """A source with one edit: where it is made, how unlikely the fault is that it mends, and the edited text."""

    place: Span
    rank: int
    text: str


def functions_behind(tree: ast.Module, names: Collection[str]) -> list[ast.FunctionDef]:
    """Return the functions of a module with these names, and those that they use, in the order of the file."""
    known = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    ahead, found = [name for name in names if name in known], set[str]()
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            used = {node.id for node in ast.walk(known[name]) if isinstance(node, ast.Name)}
            ahead += [other for other in used if other in known]
    return [node for name, node in known.items() if name in found]


def repairs(source: str, names: Collection[str], rank: int, numbers: Sequence[float] = ()) -> Iterator[Repair]:
    """Yield all repairs of a rank of the functions with these names, and of those that they use, in a module.

    `numbers` are constants that the exercise's statement has. Raises `SyntaxError` if the source is not Python.
    """
    tree = parse(source)
    lines = source.split("\n")
    for function in functions_behind(tree, names):
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        last = function.end_lineno or first
        before, after = "\n".join([*lines[: first - 1], ""]), "\n".join(["", *lines[last:]])
        _drop_docstring(function)
        original, seen = ast.unparse(function), set[str]()
        for place, unlikely, change in _changes(function, words_of(function, tree, numbers)):
            if unlikely != rank:
                continue
            text = _changed(function, change)
            if text != original and text not in seen:
                seen.add(text)
                yield Repair(place, rank, before + text + after)


def span(node: ast.AST, last: ast.AST | None = None) -> Span:
    """Return the part of the source that a node has, or all from a node to the `last` one."""
    last = last or node
    return Span(
        getattr(node, "lineno", 1),
        getattr(node, "col_offset", 0),
        getattr(last, "end_lineno", 1),
        getattr(last, "end_col_offset", 0),
    )


def words_of(function: ast.FunctionDef, tree: ast.Module, numbers: Sequence[float]) -> Words:
    """Return the names and constants that an expression of a function may have been meant to have."""
    every = [*ast.walk(function)]
    arguments = [node.arg for node in every if isinstance(node, ast.arg)]
    bound = [node.id for node in every if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    constants = [node.value for node in every if isinstance(node, ast.Constant)]
    found = [value for value in constants if isinstance(value, int | float) and not isinstance(value, bool)]
    module = [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    return Words(
        names=tuple(dict.fromkeys([*arguments, *bound, *module])),
        numbers=tuple(dict.fromkeys([*COMMON, *found, *numbers[:_MOST_NUMBERS]])),
        texts=tuple(dict.fromkeys(value for value in constants if isinstance(value, str) and value.isidentifier())),
        arguments=tuple(dict.fromkeys(arguments)),
        definitions={
            node.targets[0].id: node.value
            for node in every
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and len(node.targets) == 1
            if bound.count(node.targets[0].id) == 1
        },
        keywords=tuple(
            {
                ast.unparse(keyword): keyword
                for node in every
                if isinstance(node, ast.Call)
                for keyword in node.keywords
                if keyword.arg is not None
            }.values()
        ),
    )


def _changes(function: ast.FunctionDef, words: Words) -> Iterator[tuple[Span, int, Change]]:
    for parent in ast.walk(function):
        if isinstance(parent, ast.Raise | ast.JoinedStr | ast.arguments):
            continue
        for field, value in ast.iter_fields(parent):
            if field in _NOT_REPAIRED:
                continue
            if isinstance(value, ast.expr):
                for rank, node in _instead_of(value, parent, words):
                    yield span(value), rank, Change(parent, field, node)
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        for rank, node in _instead_of(item, parent, words):
                            yield span(item), rank, Change(parent, field, [*value[:index], node, *value[index + 1 :]])
    for first, last, rank, change in changes(function):
        yield span(first, last), rank, change


def _instead_of(node: ast.expr, parent: ast.AST, words: Words) -> Iterator[tuple[int, ast.AST]]:
    yield from replacements(node, parent, words)
    yield from terms(node, parent, words)


def _changed(function: ast.FunctionDef, change: Change) -> str:
    before = getattr(change.node, change.field)
    setattr(change.node, change.field, change.value)
    try:
        return ast.unparse(function)
    finally:
        setattr(change.node, change.field, before)


def _drop_docstring(function: ast.FunctionDef) -> None:
    if ast.get_docstring(function) is not None and len(function.body) > 1:
        function.body = function.body[1:]
