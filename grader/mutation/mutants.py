"""Mutants of a module: copies of its source with one small edit each in one of its functions."""

from __future__ import annotations

import ast
import copy
import difflib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.course.syntax import parse
from grader.mutation.operators import mutations

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_MUTATED = ("annotation", "returns", "args", "decorator_list", "type_params")  # fields of statements


@dataclass(frozen=True)
class Mutant:
    """A source with one edit.

    `name` is the first line of the edited statement before and after, `return 2 * x -> return 3 * x`, with a number
    where several edits read alike. It stays the same when other lines of the source change.
    """

    name: str
    source: str
    difference: str


def mutants(source: str) -> list[Mutant]:
    """Return all different mutants of the functions of a module, statement by statement.

    Docstrings and comments are left out of them. Raises `SyntaxError` if the source is not Python.
    """
    tree = _without_docstrings(parse(source))
    original = ast.unparse(tree)
    names: dict[str, str] = {}  # by the text of the mutant: two edits may give the same one
    for edit in _edits(tree):
        text = ast.unparse(edit.tree)
        if text != original:
            names.setdefault(text, f"{edit.before} -> {edit.after}")
    alike, count = Counter(names.values()), Counter[str]()
    made = []
    for text, name in names.items():
        count[name] += 1
        number = f" ({count[name]} of {alike[name]})" if alike[name] > 1 else ""
        made.append(Mutant(name + number, text, _difference(original, text)))
    return made


class _Edit(NamedTuple):
    """An edited tree, and the first line of the edited statement before and after."""

    tree: ast.Module
    before: str
    after: str


def _edits(tree: ast.Module) -> Iterator[_Edit]:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    statements = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.stmt)]
    for statement in statements:
        for node in (statement, *_expressions(statement)):
            for mutation in mutations(node):
                copies: dict[int, Any] = {}
                edited = copy.deepcopy(tree, copies)
                target, place = copies[id(node)], copies[id(statement)]
                replacement = copy.deepcopy(mutation)
                _replace(edited, target, replacement)
                ast.fix_missing_locations(edited)
                yield _Edit(edited, _first_line(statement), _first_line(replacement if target is place else place))


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the expressions of a statement, without annotations and without those of the statements inside it."""
    for name, value in ast.iter_fields(statement):
        if name in _NOT_MUTATED:
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.expr | ast.withitem | ast.comprehension):
                yield from (node for node in ast.walk(item) if isinstance(node, ast.expr))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    tree = copy.deepcopy(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _replace(tree: ast.AST, target: ast.AST, replacement: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, replacement)
                return
            if isinstance(value, list):
                for index, item in enumerate(value):
                    if item is target:
                        value[index] = replacement
                        return


def _first_line(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0]


def _difference(original: str, mutant: str) -> str:
    lines = difflib.unified_diff(original.splitlines(), mutant.splitlines(), lineterm="", n=1)
    return "\n".join(list(lines)[3:])  # without the two names of files and the first line's numbers
