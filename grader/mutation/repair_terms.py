"""Operators of repairs that put a name into an expression, or that concern every place where it has one."""

from __future__ import annotations

import ast
import copy
import itertools
from typing import TYPE_CHECKING

from grader.mutation.repair_operators import COMMON, FORGOTTEN, TERM, Words, around

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_IN_PAIRS = 8  # names
_LEAST_USES = 2
_SIZES = ("_ / {}.shape[0]", "_ / {}.shape[-1]", "_ / len({})")
_EVERYWHERE = ("_ ** 2", "_ ** 0.5", "1 - _", "_.abs()")


def terms(node: ast.expr, parent: ast.AST, words: Words) -> Iterator[tuple[int, ast.AST]]:
    """Yield the expressions that may stand in the place of this one, each after its rank."""
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or isinstance(parent, ast.Expr | ast.Attribute):
        return
    yield from ((FORGOTTEN, other) for other in _for_some_inputs(node, words))
    yield from ((TERM, other) for other in _with_two_words(node, words))
    yield from ((TERM, other) for other in _defined_otherwise(node, words))
    yield from ((TERM, other) for other in _everywhere(node, words))


def _for_some_inputs(node: ast.expr, words: Words) -> Iterator[ast.AST]:
    """Yield the value that was meant for some inputs only: a term above timestep 0, an entry for indices from 0 on."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub()):
            for name in words.arguments:
                yield ast.IfExp(_compared(name, ast.Gt()), node, left)
        case ast.Subscript(slice=ast.Name(id=name)):
            for other in ("_ * 0 + 1", "_ * 0"):
                yield ast.IfExp(_compared(name, ast.GtE()), node, around(other, node))


def _compared(name: str, operator: ast.cmpop) -> ast.Compare:
    return ast.Compare(ast.Name(name, ast.Load()), [operator], [ast.Constant(0)])


def _with_two_words(node: ast.expr, words: Words) -> Iterator[ast.AST]:
    """Yield the value times a quotient of names and sizes, such as alpha / r, and the value limited to a number."""
    if isinstance(node, ast.BinOp | ast.Call):
        for first, second in itertools.permutations(words.names[:_MOST_IN_PAIRS], 2):
            factor = ast.BinOp(ast.Name(first, ast.Load()), ast.Div(), ast.Name(second, ast.Load()))
            yield ast.BinOp(node, ast.Mult(), factor)
        for number in words.numbers:
            if number not in COMMON:
                yield from (around(form.format(number), node) for form in ("min(_, {})", "_.clamp(max={})"))
    if isinstance(node, ast.BinOp | ast.Call | ast.Name):
        yield from (around(form.format(name), node) for name in words.arguments for form in _SIZES)


def _defined_otherwise(node: ast.expr, words: Words) -> Iterator[ast.AST]:
    """Yield what a name stands for with another name in it: the noise of `prev` for that of `t`."""
    if not isinstance(node, ast.Name) or (defined := words.definitions.get(node.id)) is None:
        return
    for used in dict.fromkeys(each.id for each in ast.walk(defined) if isinstance(each, ast.Name)):
        if used in words.names:
            yield from (_renamed(defined, used, other) for other in words.names if other not in (used, node.id))


def _everywhere(node: ast.expr, words: Words) -> Iterator[ast.AST]:
    """Yield the expression with something else in every place of a name that it has in several parts."""
    parts = [_names(child) for child in ast.iter_child_nodes(node)]
    for name in words.names:
        if sum(each.count(name) for each in parts) >= _LEAST_USES and sum(name in each for each in parts) > 1:
            yield from (_Renamed(name, around(form, ast.Name(name, ast.Load()))).of(node) for form in _EVERYWHERE)
            yield from (_renamed(node, name, other) for other in words.names if other != name)


def _names(node: ast.AST) -> list[str]:
    return [each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)]


def _renamed(node: ast.expr, name: str, other: str) -> ast.expr:
    return _Renamed(name, ast.Name(other, ast.Load())).of(node)


class _Renamed(ast.NodeTransformer):
    def __init__(self, name: str, instead: ast.expr) -> None:
        self._name, self._instead = name, instead

    def of(self, node: ast.expr) -> ast.expr:
        """Return a copy of an expression in which the name is replaced."""
        changed: ast.expr = self.visit(copy.deepcopy(node))
        return changed

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._instead if node.id == self._name and isinstance(node.ctx, ast.Load) else node
