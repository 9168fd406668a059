"""Mutants: a solution with one small change each, which its checks must notice or which changes nothing."""

from __future__ import annotations

import ast
import copy
import difflib
import random
import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from grader.faults import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EQUIVALENTS = "equivalent.toml"
_BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,), ast.Mod: (ast.FloorDiv,),
}  # fmt: skip
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}  # fmt: skip
# Calls that may be forgotten: what is left is what they were called on, or with.
_DROPPED = {
    "sqrt", "square", "exp", "log", "abs", "clamp", "clip", "round", "int", "float", "detach", "clone", "cumprod",
    "cumsum", "mean", "sum", "norm", "flip", "reversed", "sorted", "mode", "step", "zero_grad", "backward", "eval",
    "min", "max", "softmax", "to",
}  # fmt: skip
_SYMMETRIC = {"min", "max", "minimum", "maximum", "isclose", "allclose", "equal", "mse_loss"}  # in their arguments


@dataclass(frozen=True)
class Mutant:
    """A solution with one change; `name` is what it is called where it is recorded as equivalent.

    That is the changed statement's first line without and with the change, and a number where several are alike.
    """

    name: str
    text: str
    difference: str


def mutants(solution: str, most: int, seed: str) -> list[Mutant]:
    """Return at most so many mutants of a solution's functions, the same ones for the same seed.

    Changed are operators, comparisons, constants, signs, arguments' order, conditions and loops; left out are
    statements, keyword arguments and calls such as `sqrt`; `no_grad` is added and removed.
    """
    tree = ast.parse(solution)
    plain = ast.unparse(_without_docstrings(tree))
    names: dict[str, str] = {}
    for changed, before, after in _changes(_without_docstrings(tree)):
        text = ast.unparse(changed)
        if text != plain:
            names.setdefault(text, f"{before} -> {after}")
    alike, count = Counter(names.values()), Counter[str]()
    chosen = []
    for text, name in names.items():
        count[name] += 1
        lines = difflib.unified_diff(plain.splitlines(), text.splitlines(), lineterm="", n=1)
        number = f" ({count[name]} of {alike[name]})" if alike[name] > 1 else ""
        chosen.append(Mutant(name + number, text, "\n".join(list(lines)[3:])))
    random.Random(seed).shuffle(chosen)
    return chosen[:most]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    tree = copy.deepcopy(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _changes(tree: ast.Module) -> Iterator[tuple[ast.Module, str, str]]:
    """Yield changed copies of a tree, each with the changed statement's first line before and after."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    statements = [s for function in functions for s in ast.walk(function) if isinstance(s, ast.stmt)]
    for statement in statements:
        own = [statement, *_expressions(statement)]
        for node in own:
            for variation in _variations(node):
                memo: dict[int, Any] = {}
                changed = copy.deepcopy(tree, memo)
                target, place = memo[id(node)], memo[id(statement)]
                replacement = copy.deepcopy(variation)
                _replace(changed, target, replacement)
                ast.fix_missing_locations(changed)
                yield changed, _first_line(statement), _first_line(replacement if target is place else place)


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the expressions of a statement, those of the statements inside it and of annotations apart."""
    for name, value in ast.iter_fields(statement):
        if name in ("annotation", "returns", "args", "decorator_list", "type_params"):
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.expr | ast.withitem | ast.comprehension):
                yield from (node for node in ast.walk(item) if isinstance(node, ast.expr))


def _variations(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand for a node, one after the other; the node itself is left as it is."""
    if _writes_in_place(node):
        yield ast.Pass()
    for kind, variations in _VARIATIONS.items():
        if isinstance(node, kind):
            yield from variations(node)


def _other_operators(node: ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    for other in _BINARY.get(type(node.op), ()):
        yield _with(node, op=other())


def _other_comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    if len(node.ops) == 1:
        for other in _COMPARED.get(type(node.ops[0]), ()):
            yield _with(node, ops=[other()])


def _nothing(_node: ast.AST) -> Iterator[ast.AST]:
    yield ast.Pass()


def _the_other_way(node: ast.If | ast.While) -> Iterator[ast.AST]:
    yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _exchanged(node: ast.IfExp) -> Iterator[ast.AST]:
    yield _with(node, body=node.orelse, orelse=node.body)


def _or_for_and(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


def _without_sign(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _with_gradients(node: ast.With) -> Iterator[ast.AST]:
    if "no_grad" in ast.unparse(node.items[0]):
        yield ast.If(ast.Constant(True), node.body, [])


def _writes_in_place(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and all(isinstance(t, ast.Subscript | ast.Attribute) for t in node.targets)


def _with(node: ast.AST, **changes: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _other_constants(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
        if node.value:
            yield ast.Constant(node.value - 1)


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in _DROPPED:
        module = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in (
            "torch",
            "math",
            "np",
            "F",
        )
        if isinstance(node.func, ast.Attribute) and not module:
            yield node.func.value
        elif node.args:
            yield node.args[0]
    starred = any(isinstance(argument, ast.Starred) for argument in node.args[:2])
    if len(node.args) > 1 and not starred and called not in _SYMMETRIC:
        yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
    for index in range(len(node.keywords)):
        yield _with(node, keywords=[*node.keywords[:index], *node.keywords[index + 1 :]])


def _other_gradients(node: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield a function without its decorators, or with one that keeps a loss from having a graph."""
    if node.decorator_list:
        yield _with(node, decorator_list=[])
    elif "loss" in ast.unparse(node):
        yield _with(node, decorator_list=[ast.parse("torch.no_grad()", mode="eval").body])


_VARIATIONS: dict[type[ast.AST], Callable[[Any], Iterator[ast.AST]]] = {
    ast.BinOp: _other_operators,
    ast.AugAssign: lambda node: chain(_other_operators(node), _nothing(node)),
    ast.Compare: _other_comparisons,
    ast.BoolOp: _or_for_and,
    ast.UnaryOp: _without_sign,
    ast.Constant: _other_constants,
    ast.Call: _other_calls,
    ast.IfExp: _exchanged,
    ast.If: _the_other_way,
    ast.While: _the_other_way,
    ast.Expr: _nothing,
    ast.Raise: _nothing,
    ast.With: _with_gradients,
    ast.FunctionDef: _other_gradients,
}


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


def recorded_equivalents(folder: Path) -> dict[str, str]:
    """Return the mutants of an exercise that are recorded as changing nothing, by name, each with the reason.

    Raises:
        ValueError: the file is not a list of tables `[[equivalent]]` with a `mutant` and a `reason`.
    """
    path = folder / EQUIVALENTS
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(text_of(path))["equivalent"]
        return {entry["mutant"]: entry["reason"] for entry in entries if entry["reason"].strip()}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: write [[equivalent]] tables with `mutant` and `reason` ({error}).") from error
