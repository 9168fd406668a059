"""Reads a stub: its title, and the functions that students write."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from grader.course.model import Function
from grader.course.syntax import parse

if TYPE_CHECKING:
    from pathlib import Path


def read_stub(stub: Path) -> tuple[str, tuple[Function, ...]]:
    """Read a stub's title and public functions; both are empty if a student left it unreadable, or a link."""
    if stub.is_symlink():  # it may lead to the answers
        return "", ()
    try:
        return _read(stub.read_bytes())
    except OSError:
        return "", ()


@functools.lru_cache(maxsize=1024)
def _read(content: bytes) -> tuple[str, tuple[Function, ...]]:
    try:
        tree = parse(content)
        definitions = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        ]
        docstrings = [(ast.get_docstring(node) or "").strip() for node in (tree, *definitions)]
        title = next((docstring.splitlines()[0] for docstring in docstrings if docstring), "")
        return title, tuple(_function(node) for node in definitions)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "", ()


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    given = node.args
    ordered = (*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg)
    returns = ast.unparse(node.returns) if node.returns else ""
    signature = f"def {node.name}({ast.unparse(given)})" + (f" -> {returns}" if returns else "")
    return Function(node.name, tuple(argument.arg for argument in ordered if argument), returns, signature)
