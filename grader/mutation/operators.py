"""Mutation operators: for one node of a syntax tree, the nodes that a mutant may have in its place.

They are chosen for numerical code: what people forget, exchange or get the wrong way round in the functions of a
course. An operator never changes the node that it is given.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv,
}  # fmt: skip
_RELATIONAL: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}  # fmt: skip
# Calls that people forget. What remains is the object that the method was called on, or the first argument.
_FORGETTABLE_CALLS = {
    "sqrt", "square", "exp", "log", "abs", "clamp", "clip", "round", "int", "float", "detach", "clone", "cumprod",
    "cumsum", "mean", "sum", "norm", "flip", "reversed", "sorted", "mode", "step", "zero_grad", "backward", "eval",
    "min", "max", "softmax", "to",
}  # fmt: skip
_MODULES = ("torch", "math", "np", "F")  # `torch.sqrt(x)` is a function of x, `x.sqrt()` a method of x
_COMMUTATIVE_CALLS = {"min", "max", "minimum", "maximum", "isclose", "allclose", "equal", "mse_loss"}


def mutations(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that may replace this one, one for each mutant, in an order that stays the same."""
    for operator in _OPERATORS.get(type(node), ()):
        yield from operator(node)


def _replace_arithmetic_operator(node: ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    if other := _ARITHMETIC.get(type(node.op)):
        yield _with(node, op=other())


def _replace_relational_operator(node: ast.Compare) -> Iterator[ast.AST]:
    if len(node.ops) == 1:
        for other in _RELATIONAL.get(type(node.ops[0]), ()):
            yield _with(node, ops=[other()])


def _replace_logical_connector(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


def _delete_unary_operator(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _replace_constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
        if node.value:
            yield ast.Constant(node.value - 1)


def _delete_statement(_node: ast.stmt) -> Iterator[ast.AST]:
    yield ast.Pass()


def _delete_write_in_place(node: ast.Assign) -> Iterator[ast.AST]:
    """Delete an assignment to elements or attributes; without one to a name, most functions only crash."""
    if all(isinstance(target, ast.Subscript | ast.Attribute) for target in node.targets):
        yield ast.Pass()


def _negate_condition(node: ast.If | ast.While) -> Iterator[ast.AST]:
    yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _swap_branches(node: ast.IfExp) -> Iterator[ast.AST]:
    yield _with(node, body=node.orelse, orelse=node.body)


def _delete_call(node: ast.Call) -> Iterator[ast.AST]:
    if _called(node) not in _FORGETTABLE_CALLS:
        return
    if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") not in _MODULES:
        yield node.func.value
    elif node.args:
        yield node.args[0]


def _swap_arguments(node: ast.Call) -> Iterator[ast.AST]:
    starred = any(isinstance(argument, ast.Starred) for argument in node.args[:2])
    if len(node.args) > 1 and not starred and _called(node) not in _COMMUTATIVE_CALLS:
        yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])


def _delete_keyword_argument(node: ast.Call) -> Iterator[ast.AST]:
    for index in range(len(node.keywords)):
        yield _with(node, keywords=[*node.keywords[:index], *node.keywords[index + 1 :]])


def _delete_no_grad(node: ast.With) -> Iterator[ast.AST]:
    if "no_grad" in ast.unparse(node.items[0]):
        yield ast.If(ast.Constant(True), node.body, [])


def _change_decorators(node: ast.FunctionDef) -> Iterator[ast.AST]:
    """Delete a function's decorators, or add `torch.no_grad` where a loss needs a graph."""
    if node.decorator_list:
        yield _with(node, decorator_list=[])
    elif "loss" in ast.unparse(node):
        yield _with(node, decorator_list=[ast.parse("torch.no_grad()", mode="eval").body])


_OPERATORS: dict[type[ast.AST], tuple[Callable[[Any], Iterator[ast.AST]], ...]] = {
    ast.BinOp: (_replace_arithmetic_operator,),
    ast.AugAssign: (_replace_arithmetic_operator, _delete_statement),
    ast.Assign: (_delete_write_in_place,),
    ast.Compare: (_replace_relational_operator,),
    ast.BoolOp: (_replace_logical_connector,),
    ast.UnaryOp: (_delete_unary_operator,),
    ast.Constant: (_replace_constant,),
    ast.Call: (_delete_call, _swap_arguments, _delete_keyword_argument),
    ast.IfExp: (_swap_branches,),
    ast.If: (_negate_condition,),
    ast.While: (_negate_condition,),
    ast.Expr: (_delete_statement,),
    ast.Raise: (_delete_statement,),
    ast.With: (_delete_no_grad,),
    ast.FunctionDef: (_change_decorators,),
}


def _with(node: ast.AST, **changes: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _called(node: ast.Call) -> str:
    """Return the name of the function or method that is called, "" if it has none."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
