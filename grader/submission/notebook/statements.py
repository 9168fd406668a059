"""What a top-level statement of a cell is: whether it is taken, which names it binds, changes and needs."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from grader.submission.bindings import is_main_guard
from grader.submission.notebook.magics import CELL_MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYWHERE = ""  # what a statement binds that every cell depends on
# Calls that only make a value, whose result is a constant if their arguments are.
_VALUE_CALLS = frozenset(
    """
    abs bool complex dict float frozenset int len list max min range round set slice sorted str sum tuple zip enumerate
    partial functools.partial Path pathlib.Path math.* torch.device torch.finfo torch.tensor
    torch.cuda.is_available torch.backends.mps.is_available np.array numpy.array
    """.split()
) | {
    f"{library}.{name}"
    for library in ("np", "numpy", "torch")
    for name in "arange cumprod cumsum exp eye full linspace log ones sqrt stack zeros".split()
}
_CHANGING_METHODS = set("add append clear extend insert pop remove reverse setdefault sort update".split())
_DEFINED = re.compile(r"\b(?:def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
_IMPORTED = re.compile(r"^\s*(?:from\s+\S+\s+)?import\s+(.*)", re.MULTILINE)


def is_taken(node: ast.stmt, inside: bool = False) -> bool:
    """Tell whether a statement is taken; `inside` an `if` or `try`, a few more are."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign(value=ast.expr()):
            return node.value is not None and _is_constant(node.value)
        case ast.If():
            return (
                not is_main_guard(node.test)
                and _is_constant(node.test)
                and all(is_taken(each, inside=True) for each in (*node.body, *node.orelse))
            )
        case ast.Try():
            handled = [statement for handler in node.handlers for statement in handler.body]
            parts = (*node.body, *handled, *node.orelse, *node.finalbody)
            return all(is_taken(each, inside=True) for each in parts)
        case ast.Pass() | ast.Raise() | ast.Expr(ast.Constant() | ast.Call(ast.Name("print"))):
            return inside
    return False


def _is_constant(value: ast.expr) -> bool:
    """Tell whether an expression is a value that is written down; what stands in a `lambda` runs when it is called."""
    pending: list[ast.AST] = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Call) and not _is_value_call(node.func):
            return False
        if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
            return False
        pending += ast.iter_child_nodes(node)
    return True


def _is_value_call(function: ast.expr) -> bool:
    name = ""
    while isinstance(function, ast.Attribute):
        name = f".{function.attr}{name}"
        function = function.value
    if not isinstance(function, ast.Name):
        return False
    return f"{function.id}{name}" in _VALUE_CALLS or f"{function.id}.*" in _VALUE_CALLS


def binds(node: ast.stmt) -> frozenset[str]:
    """Return the names that a statement binds or changes; "*" if it does not say which."""
    names: set[str] = set()
    pending: list[ast.AST] = [node]
    while pending:
        each = pending.pop()
        match each:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(each.name)
                # `@method_of(A)` may change A.
                calls = [decorator for decorator in each.decorator_list if isinstance(decorator, ast.Call)]
                names.update(arg.id for call in calls for arg in call.args if isinstance(arg, ast.Name))
            case ast.ImportFrom(module="__future__"):
                names.add(EVERYWHERE)
            case ast.Import():
                names.update(alias.asname or alias.name.partition(".")[0] for alias in each.names)
            case ast.ImportFrom():
                names.update(alias.asname or alias.name for alias in each.names)
            case ast.Name(ctx=ast.Store()):
                names.add(each.id)
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                names.update(_base(each))  # `TABLE["x"] = 1` and `A.f = f` change TABLE and A
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                pass  # a scope of its own
            case _:
                pending += ast.iter_child_nodes(each)
    return frozenset(names)


def changes(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds, and those of what it changes, as far as one can see."""
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                yield from _base(each)
            case ast.Call(ast.Attribute(value, method)) if method in _CHANGING_METHODS or method.endswith("_"):
                yield from _base(value)


def _base(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def needs(node: ast.stmt) -> frozenset[str]:
    """Return every name that occurs in a statement: more than it needs perhaps, never less."""
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def names_in(source: str) -> frozenset[str]:
    """Return the names that a cell with a syntax error would bind, as far as one can tell."""
    names = {name for pair in _DEFINED.findall(source) for name in pair if name}
    names.update(word for line in _IMPORTED.findall(source) for word in re.findall(r"\w+", line))
    magic = CELL_MAGIC.match(source.lstrip())
    if magic and magic[1] == "exercise":
        names.update(magic[2].split())
    return frozenset(names)
