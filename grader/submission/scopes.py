"""Which names a statement binds, changes and reads in its module, by its syntax tree."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from grader.submission.slices import ANYTHING, EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CHANGING_METHODS = set(
    "add append clear extend insert load_state_dict pop remove reverse setdefault sort update".split()
)
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator)
_CLOSED = (*_LEAVES, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_FUTURE = "from __future__ import annotations\n"


class Reads(NamedTuple):
    """The names that a statement reads in its module, there or in its functions, and those that these set there."""

    needs: frozenset[str]
    sets: frozenset[str] = frozenset()


def reads(node: ast.stmt, text: str, *, annotations_are_texts: bool) -> Reads:
    """Return what a statement reads; `text` is its source, which may be indented.

    What is read in an annotation counts where it is evaluated: never that of a local variable, and none of those that
    are texts by `from __future__ import annotations`.
    """
    if isinstance(node, ast.Import | ast.ImportFrom):
        return Reads(frozenset())
    added = {node.target.id} if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) else set()
    if not any(isinstance(each, _SCOPES) for each in _walk(node)):
        skipped = node.annotation if isinstance(node, ast.AnnAssign) and annotations_are_texts else None
        return Reads(frozenset(loaded(node) if skipped is None else _loaded_without(node, skipped)) | added)
    try:
        tables = _table((_FUTURE if annotations_are_texts else "") + ("if 1:\n" if text[:1] in " \t" else "") + text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the compiler sees more than the parser
        return Reads(frozenset(loaded(node)) | added)
    found, assigned = _globals(tables)
    if annotations_are_texts or any(isinstance(each, ast.AnnAssign) for each in _walk(node)):
        found -= _only_annotations(node, annotations_are_texts)
    return Reads(frozenset(found | added), frozenset(assigned))


def _table(text: str) -> symtable.SymbolTable:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return symtable.symtable(text, "", "exec")


def _globals(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """Return the module's names that are read in any scope, and those that functions set."""
    found: set[str] = set()
    assigned: set[str] = set()
    pending = [table]
    while pending:
        scope = pending.pop()
        top = scope.get_type() == "module"
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                found.add(symbol.get_name())
            if not top and symbol.is_declared_global() and symbol.is_assigned():
                assigned.add(symbol.get_name())
        pending += scope.get_children()
    return found, assigned


def _only_annotations(node: ast.stmt, all_are_texts: bool) -> set[str]:
    """Return the names that occur in nothing but annotations that are not evaluated."""
    unevaluated: Counter[str] = Counter()
    pending: list[tuple[ast.AST, bool]] = [(node, False)]
    while pending:
        each, in_function = pending.pop()
        annotations: list[ast.expr | None] = []
        match each:
            case ast.AnnAssign() if in_function or all_are_texts:
                annotations = [each.annotation]
            case ast.arg() if all_are_texts:
                annotations = [each.annotation]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                annotations = [each.returns] if all_are_texts else []
        unevaluated.update(name for annotation in annotations if annotation for name in loaded(annotation))
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            pending += [(part, True) for part in each.body]
            outside = [each.args, *each.decorator_list, *([each.returns] if each.returns else [])]
            pending += [(part, in_function) for part in outside]
        else:
            inside = in_function and not isinstance(each, ast.ClassDef)
            pending += [(part, inside) for part in ast.iter_child_nodes(each)]
    total = Counter(loaded(node))
    return {name for name, count in unevaluated.items() if count >= total[name]}


def loaded(node: ast.AST) -> Iterator[str]:
    """Yield every name that is read anywhere in a node, whatever scope it belongs to."""
    return (each.id for each in _walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load))


def _loaded_without(node: ast.AST, skipped: ast.expr) -> Iterator[str]:
    for part in ast.iter_child_nodes(node):
        if part is not skipped:
            yield from loaded(part)


def reads_of_expression(expression: ast.expr) -> frozenset[str]:
    """Return the names that an expression reads in its module; those of its inner scopes' variables are left out."""
    inner = {name.id for name in _targets_of_comprehensions(expression)}
    inner |= {each.arg for each in _walk(expression) if isinstance(each, ast.arg)}
    return frozenset(loaded(expression)) - inner


def binds(node: ast.AST) -> frozenset[str]:
    """Return the names that a statement or expression binds in its module."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return frozenset([node.name])
        case ast.ImportFrom(module="__future__"):
            return frozenset([EVERYWHERE])
        case ast.Import():
            return frozenset(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        case ast.ImportFrom():
            return frozenset(alias.asname or alias.name for alias in node.names)
    inner = {id(name) for name in _targets_of_comprehensions(node)}
    stored = (each for each in _outside_functions(node) if isinstance(each, ast.Name) and id(each) not in inner)
    return frozenset(name.id for name in stored if isinstance(name.ctx, ast.Store))


def changes(node: ast.stmt) -> frozenset[str]:
    """Return the names whose values a statement changes: TABLE by `TABLE["x"] = 1`, A by `A.f = f` or `@A.register`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        names: set[str] = set()
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            names.update(_base(call.func if call else decorator) if _has_base(call, decorator) else ())
            names.update(arg.id for arg in (call.args if call else ()) if isinstance(arg, ast.Name))
        return frozenset(names)
    stored = (
        each
        for each in _outside_functions(node)
        if isinstance(each, ast.Attribute | ast.Subscript) and isinstance(each.ctx, ast.Store)
    )
    return frozenset(name for each in stored for name in _base(each))


def _has_base(call: ast.Call | None, decorator: ast.expr) -> bool:
    return isinstance(call.func if call else decorator, ast.Attribute)


def touched(node: ast.stmt) -> frozenset[str]:
    """Return all that a statement binds, and what it changes as far as one can see, calls of methods included."""
    names = set(binds(node) | changes(node))
    for each in _outside_functions(node):
        match each:
            case ast.Call(ast.Attribute(value, method)) if method in _CHANGING_METHODS or method.endswith("_"):
                names.update(_base(value))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
                names |= binds(each)
    return frozenset(names)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all that stands in it, as `ast.walk` does, without looking into what has no parts."""
    pending = [node]
    while pending:
        each = pending.pop()
        yield each
        if not isinstance(each, _LEAVES):
            pending += ast.iter_child_nodes(each)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what stands in it, without the bodies of functions, classes and lambdas."""
    pending = [node]
    while pending:
        each = pending.pop()
        yield each
        if not isinstance(each, _CLOSED):
            pending += ast.iter_child_nodes(each)


def _targets_of_comprehensions(node: ast.AST) -> Iterator[ast.Name]:
    for each in _walk(node):
        if isinstance(each, _COMPREHENSIONS):
            for generator in each.generators:
                yield from (name for name in _walk(generator.target) if isinstance(name, ast.Name))


def _base(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def uses(body: Iterable[ast.stmt]) -> dict[str, frozenset[str]]:
    """Return what is imported, by the last part of the module's name, and under "" all names that are mentioned.

    A module that is imported itself counts as "*".
    """
    found: dict[str, set[str]] = {"": set()}
    for node in body:
        for each in _walk(node):
            match each:
                case ast.Import():
                    for alias in each.names:
                        found.setdefault(alias.name.rpartition(".")[2], set()).add(ANYTHING)
                case ast.ImportFrom():
                    names = {alias.name for alias in each.names}
                    if each.module:
                        found.setdefault(each.module.rpartition(".")[2], set()).update(names)
                    for name in names:  # which may be modules
                        found.setdefault(name, set()).add(ANYTHING)
                case ast.Name(name) | ast.Attribute(attr=name):
                    found[""].add(name)
    return {module: frozenset(names) for module, names in found.items()}


def calls(node: ast.AST) -> bool:
    """Tell whether an expression calls something when it is evaluated; what stands in a `lambda` runs later."""
    return any(isinstance(each, ast.Call) for each in _outside_functions(node))


def waits(node: ast.AST) -> bool:
    """Tell a statement that only a kernel can run at the top level."""
    return any(isinstance(each, ast.Await | ast.Yield | ast.YieldFrom) for each in _outside_functions(node))
