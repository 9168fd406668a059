"""Takes from a student's code everything that says whose it is: names, comments, texts, and what nothing needs.

What stays is Python's and the libraries' own, the names of the statement, and numbers.
"""

from __future__ import annotations

import ast
import builtins
import copy
import functools
from typing import TYPE_CHECKING, NamedTuple

from grader.course.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

_USUAL = {"numpy": "np", "torch.nn.functional": "F", "torch.nn": "nn"}  # what a module is mostly imported as
_LIBRARIES = ("torch", "numpy", "math", "PIL", "diffusers", "peft", "transformers", "safetensors", "random", "copy",
              "functools", "itertools", "contextlib", "typing", "collections", "pathlib")  # fmt: skip
_LOOKS_AT_NAMES = ("locals", "globals", "vars", "eval", "exec", "getattr", "setattr", "__import__", "dir")
_TEXT = "..."
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class NotSimple(Exception):
    """The code cannot be shown without names that are the student's; its text says why."""


class Known(NamedTuple):
    """What may be shown: texts, and names of attributes, of keyword arguments and of what is imported."""

    texts: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@functools.cache
def of_libraries() -> frozenset[str]:
    """Return the names that Python and the libraries of the course have."""
    import collections
    import contextlib
    import itertools
    import math
    import pathlib
    import random
    import typing

    import numpy as np
    import torch

    kinds: list[object] = [
        torch, torch.Tensor, torch.nn, torch.nn.functional, torch.nn.Module, torch.optim, torch.linalg, torch.fft,
        torch.Generator, torch.autograd, np, np.ndarray, np.random, math, str, list, dict, set, tuple, float, int,
        collections, contextlib, copy, functools, itertools, pathlib, random, typing,
    ]  # fmt: skip
    return frozenset(name for kind in kinds for name in dir(kind)) | {"dim", "dtype", "device", "requires_grad"}


def known_from(texts: Iterable[str]) -> Known:
    """Return what stands in some modules of the course: their texts and names, with those of the libraries."""
    found: set[str] = set()
    names: set[str] = set()
    for node in (node for text in texts for node in ast.walk(parse(text))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.keyword | ast.arg) and node.arg:
            names.add(node.arg)
        elif isinstance(node, ast.alias | ast.ImportFrom):
            names |= {*((node.name if isinstance(node, ast.alias) else node.module) or "").split(".")}
    return Known(frozenset(found), of_libraries() | names)


def simplified(text: str, functions: Mapping[str, Sequence[str]], known: Known) -> ast.Module:
    """Return a module with some functions and what they need, with our names in place of the student's.

    `functions` have the parameters of the statement, whose names their own ones get. Other functions become `helper`,
    other variables `value`, names that nothing binds `undefined`. Texts that are not known become "...".

    Raises:
        NotSimple: there is a class, a module or an attribute of the student's own, or something that depends on names.
    """
    try:
        tree = parse(text)
        _drop_docstrings(tree)
        body = _needed(tree.body, functions)
        module = ast.Module(body, type_ignores=[])
        names = _new_names(module, functions)
        imported = {alias.name for node in ast.walk(module) if isinstance(node, ast.ImportFrom) for alias in node.names}
        _Renamed(names, known.texts).visit(module)
        _refuse_unknown_names(module, known, {*names.values()} - imported)
        return ast.parse(ast.unparse(ast.fix_missing_locations(module)))
    except (RecursionError, MemoryError, ValueError, SyntaxError) as error:
        raise NotSimple("it is too deeply nested") from error


def size(tree: ast.AST) -> int:
    """Return how many parts a syntax tree has."""
    return sum(1 for _ in ast.walk(tree))


def shorter(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield the module with one statement less each, the largest statement first, and with blocks opened."""
    statements = [(size(node), place) for place, node in enumerate(ast.walk(tree)) if isinstance(node, ast.stmt)]
    for _, place in sorted(statements, key=lambda each: (-each[0], each[1])):
        yield _without(tree, place, opened=False)
        if isinstance(_at(tree, place), ast.If | ast.With | ast.Try):
            yield _without(tree, place, opened=True)


def _at(tree: ast.AST, place: int) -> ast.AST:
    return next(node for number, node in enumerate(ast.walk(tree)) if number == place)


def _without(tree: ast.Module, place: int, *, opened: bool) -> ast.Module:
    """Return a copy without the statement at a place of the walk, or with its body in place of it."""
    copied = copy.deepcopy(tree)
    gone = _at(copied, place)
    instead = gone.body if opened and isinstance(gone, ast.If | ast.With | ast.Try) else []
    for node in ast.walk(copied):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and gone in value:
                at = value.index(gone)
                value[at : at + 1] = instead or ([] if len(value) > 1 or isinstance(node, ast.Module) else [ast.Pass()])
    return ast.fix_missing_locations(copied)


# --- what is needed ------------------------------------------------------------------------------------------------


def _drop_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | _Function | ast.ClassDef):
            kept = [each for each in node.body if not _is_text(each)]
            node.body = kept or ([] if isinstance(node, ast.Module) else [ast.Pass()])


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _needed(body: Sequence[ast.stmt], functions: Collection[str]) -> list[ast.stmt]:
    """Return the statements at the top of a module that bind what some functions need, directly or not."""
    binds = [(statement, _bound(statement)) for statement in body]
    wanted, kept = {*functions}, []
    for _ in range(len(binds)):
        more = [statement for statement, names in binds if names & wanted and statement not in kept]
        if not more:
            break
        kept += more
        wanted |= {node.id for each in more for node in ast.walk(each) if isinstance(node, ast.Name)}
    return [statement for statement in body if statement in kept]


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, _Function | ast.ClassDef):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


# --- names ---------------------------------------------------------------------------------------------------------


def _new_names(module: ast.Module, functions: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return what every name that the code binds is to be called."""
    _refuse(module)
    names = {function: function for function in functions}
    for statement in module.body:
        if isinstance(statement, _Function) and statement.name in functions:
            for given, called in _pairs(_parameters(statement), functions[statement.name]):
                if names.setdefault(given, called) != called:
                    raise NotSimple("its functions call one thing by different names")
    taken = {*names.values(), *dir(builtins), *_USUAL.values(), *_LIBRARIES}
    for node in ast.walk(module):
        for name, stem in _binds(node):
            if name not in names:
                names[name] = _unused(stem, taken)
                taken.add(names[name])
    free = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)} - names.keys() - {*dir(builtins)}
    return names | dict.fromkeys(free, "undefined")


def _parameters(node: _Function) -> list[str]:
    arguments = node.args
    if arguments.vararg or arguments.kwarg:
        raise NotSimple("its parameters are not those of the statement")
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _pairs(given: Sequence[str], called: Sequence[str]) -> list[tuple[str, str]]:
    if len(given) != len(called):
        raise NotSimple("its parameters are not those of the statement")
    return list(zip(given, called, strict=True))


def _binds(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the names that a node binds, each with what such a name is to be called like."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            yield bound, _USUAL.get(alias.name, alias.name.rpartition(".")[2]) if alias.asname else bound
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            yield alias.asname or alias.name, _USUAL.get(full, alias.name)
    elif isinstance(node, _Function):
        yield node.name, "helper"
    elif isinstance(node, ast.arg):
        yield node.arg, "value"
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id, "value"
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name, "value"


def _unused(stem: str, taken: Collection[str]) -> str:
    usual = {*_USUAL.values(), *_LIBRARIES}
    if stem not in taken or stem in usual:
        return stem
    return next(name for number in range(2, 10**6) if (name := f"{stem}_{number}") not in taken)


def _refuse(module: ast.Module) -> None:
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            raise NotSimple("it defines a class")
        if isinstance(node, ast.Name) and node.id in _LOOKS_AT_NAMES:
            raise NotSimple(f"it uses `{node.id}`")
        if isinstance(node, ast.MatchMapping | ast.MatchClass):
            raise NotSimple("it matches a pattern")
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = ["." * node.level + (node.module or "")]
            if any(alias.name == "*" for alias in node.names):
                raise NotSimple("it imports everything of a module")
        for name in modules:
            if name.partition(".")[0] not in _LIBRARIES:
                raise NotSimple("it imports another module")


def _refuse_unknown_names(module: ast.Module, known: Known, ours: Collection[str]) -> None:
    """Refuse what still has a name that is neither ours nor the course's nor a library's, wherever it stands."""
    allowed = {*known.names, *ours, *_USUAL.values(), *_LIBRARIES, *dir(builtins)}
    for name in (name for node in ast.walk(module) for name in _names_in(node)):
        if not allowed.issuperset(name.split(".")):
            raise NotSimple("it uses a name that neither the course nor its libraries have")


def _names_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant):  # its texts are replaced
        return
    for _, value in ast.iter_fields(node):
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


class _Renamed(ast.NodeTransformer):
    """Gives every name its new one, and takes annotations and texts away."""

    def __init__(self, names: Mapping[str, str], known_texts: Collection[str]) -> None:
        self._names = names
        self._known_texts = known_texts

    def _name(self, name: str) -> str:
        return self._names.get(name, name)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._name(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self._name(node.arg), None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name, node.returns = self._name(node.name), None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.name, node.returns = self._name(node.name), None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        return ast.Assign([node.target], node.value) if node.value is not None else ast.Pass()

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in self._names:
            for keyword in node.keywords:  # of a function that is the student's, whose parameters are renamed
                keyword.arg = self._name(keyword.arg) if keyword.arg else None
        return self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> ast.AST:
        bound = self._name(node.asname or node.name.partition(".")[0])
        node.asname = bound if node.asname or bound != node.name.partition(".")[0] else None
        if node.asname == node.name:
            node.asname = None
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._name(node.name) if node.name else None
        return self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.AST:
        node.name = self._name(node.name) if node.name else None
        return self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> ast.AST:
        node.name = self._name(node.name) if node.name else None
        return node

    def visit_Global(self, node: ast.Global) -> ast.AST:
        node.names = [self._name(name) for name in node.names]
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [self._name(name) for name in node.names]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:  # noqa: ARG002 - whatever it says
        return ast.Constant(_TEXT)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str | bytes) and node.value not in self._known_texts:
            return ast.Constant(_TEXT if isinstance(node.value, str) else _TEXT.encode())
        return node
