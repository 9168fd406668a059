"""Operators of repairs on statements: order, indentation, conditions, graphs of gradients, and what is too much."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.mutation.operators import mutations
from grader.mutation.repair_operators import ADDED, EXCHANGED, FORGOTTEN, LIKELIEST

if TYPE_CHECKING:
    from collections.abc import Iterator

_BODIES = ("body", "orelse", "finalbody")
_LONGEST_LINE = 10_000


class Change(NamedTuple):
    """A field of a node, and what it may have been meant to have in it."""

    node: ast.AST
    field: str
    value: Any


def changes(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.AST, int, Change]]:
    """Yield changes to the statements of a function: the first and the last node concerned, a rank, and the change."""
    arguments = [argument.arg for argument in function.args.args]
    for parent in ast.walk(function):
        for field in _BODIES:
            body = getattr(parent, field, None)
            if isinstance(body, list) and all(isinstance(each, ast.stmt) for each in body):
                yield from _in_body(parent, field, body)
                for index, statement in enumerate(body):
                    for guarded in _under_conditions(statement, arguments):
                        yield statement, statement, FORGOTTEN, _instead(parent, field, body, index, guarded)
    decorators: list[ast.expr] = [] if function.decorator_list else [ast.parse("torch.no_grad()", mode="eval").body]
    yield header(function), header(function), ADDED, Change(function, "decorator_list", decorators)


def header(function: ast.FunctionDef) -> ast.AST:
    """Return a node in the place of the line on which a function begins."""
    line = ast.copy_location(ast.Pass(), function)
    line.end_lineno, line.end_col_offset = function.lineno, _LONGEST_LINE
    return line


def _instead(parent: ast.AST, field: str, body: list[Any], index: int, *others: ast.stmt) -> Change:
    """Return the change that puts others, or none, in the place of a statement."""
    return Change(parent, field, [*body[:index], *others, *body[index + 1 :]] or [ast.Pass()])


def _under_conditions(statement: ast.stmt, arguments: list[str]) -> Iterator[ast.stmt]:
    """Yield a statement that was meant for some inputs only: `if timestep > 0:` before it."""
    if isinstance(statement, ast.Assign | ast.AugAssign):
        for name in arguments:
            condition = ast.Compare(ast.Name(name, ast.Load()), [ast.Gt()], [ast.Constant(0)])
            yield ast.If(condition, [statement], [])


def _in_body(parent: ast.AST, field: str, body: list[Any]) -> Iterator[tuple[ast.AST, ast.AST, int, Change]]:
    def without(index: int, *instead: ast.stmt) -> Change:
        return _instead(parent, field, body, index, *instead)

    for index, statement in enumerate(body):
        for mutation in mutations(statement):
            if isinstance(mutation, ast.stmt):
                yield statement, statement, LIKELIEST, without(index, mutation)
        for other in _others(statement):
            yield statement, statement, EXCHANGED, without(index, *other)
        if _holds_a_call(statement):
            yield _begins(statement), _begins(statement), ADDED, without(index, _without_graph(statement))
        if index + 1 < len(body):
            following = body[index + 1]
            swapped = [*body[:index], following, statement, *body[index + 2 :]]
            yield statement, following, LIKELIEST, Change(parent, field, swapped)
            if isinstance(statement, ast.For | ast.While | ast.If | ast.With):  # the next one was meant to be inside
                inside = _with(statement, body=[*statement.body, following])
                yield (
                    following,
                    following,
                    EXCHANGED,
                    Change(parent, field, [*body[:index], inside, *body[index + 2 :]]),
                )
        if isinstance(statement, ast.For | ast.While | ast.If | ast.With) and len(statement.body) > 1:
            *inner, last = statement.body  # its last statement was meant to be after it
            yield last, last, EXCHANGED, without(index, _with(statement, body=inner), last)
            first, *rest = statement.body
            yield first, first, EXCHANGED, without(index, first, _with(statement, body=rest))


def _others(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the statements that may stand in the place of one."""
    match statement:
        case ast.Assign(targets=[ast.Name() as target], value=value):
            yield []
            yield [ast.AugAssign(target, operator(), value) for operator in (ast.Add,)]
            yield [ast.AugAssign(target, ast.Mult(), value)]
            yield [ast.Return(value)]
            in_place = ast.Attribute(ast.Name(target.id, ast.Load()), "copy_", ast.Load())
            yield [ast.Expr(ast.Call(in_place, [value], []))]
        case ast.Assign(targets=[ast.Tuple(elts=[_, _]) as pair]):
            yield [_with(statement, targets=[_with(pair, elts=pair.elts[::-1])])]
        case ast.AugAssign(target=target, op=operator, value=value):
            loaded = copy.copy(target)
            loaded.ctx = ast.Load()
            yield [ast.Assign([target], value, lineno=statement.lineno)]
            yield [ast.Assign([target], ast.BinOp(loaded, operator, value), lineno=statement.lineno)]
        case ast.If():
            yield statement.body
            yield statement.orelse
        case ast.With():
            yield statement.body
        case ast.Continue() | ast.Break() | ast.Expr():
            yield []
        case ast.For() | ast.While():
            yield from ([_with(statement, body=statement.body[1:])] for _ in statement.body[1:2])


def _without_graph(statement: ast.stmt) -> ast.stmt:
    block = ast.parse("with torch.no_grad():\n    pass").body[0]
    wrapped: ast.stmt = _with(block, body=[statement])
    return wrapped


def _holds_a_call(statement: ast.stmt) -> bool:
    return not isinstance(statement, ast.Raise | ast.FunctionDef | ast.Return) and any(
        isinstance(node, ast.Call) for node in ast.walk(statement)
    )


def _begins(statement: ast.stmt) -> ast.AST:
    """Return what stands for a statement where it is named: of a loop, what it goes through."""
    match statement:
        case ast.For():
            return statement.iter
        case ast.If() | ast.While():
            return statement.test
        case ast.With():
            return statement.items[0].context_expr
    return statement


def _with(node: Any, **changed: object) -> Any:
    other = copy.copy(node)
    for name, value in changed.items():
        setattr(other, name, value)
    return other
