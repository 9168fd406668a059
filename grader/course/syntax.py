"""Parses Python without running it, and tells functions that nobody has worked on yet."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from grader.course.blanks import all_blanks_left
from grader.errors import UsageError
from grader.faults import text_of

if TYPE_CHECKING:
    from pathlib import Path


def parse(source: str | bytes) -> ast.Module:
    """Parse Python without running it.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it is not Python, or too much of it; hostile text
            can cause any of them.
    """
    with warnings.catch_warnings():
        # A dubious escape ("\d") is a warning to whoever runs the file; it must not make a valid file invalid
        # where warnings are errors.
        warnings.simplefilter("ignore")
        return ast.parse(source)


def tree_of(path: Path) -> ast.Module:
    """Parse a file of the course's author; raise `UsageError` if it cannot be read or is not valid Python."""
    try:
        return parse(text_of(path))
    except SyntaxError as error:
        raise UsageError(f"{path} is not valid Python (line {error.lineno}: {error.msg}): fix the syntax.") from error


def is_unwritten_file(path: Path) -> bool:
    """Tell whether all public functions of a file are as their stub has them (see `does_nothing_yet`)."""
    try:
        return is_unwritten_text(path.read_bytes())
    except OSError:
        return False


def is_unwritten_text(source: bytes) -> bool:
    """Tell whether a text is Python in which all public functions are as their stub has them."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    return bool(names) and all(is_unwritten(tree, name) for name in names)


def is_unwritten(module: ast.Module, function: str) -> bool:
    """Tell whether a function of a module is still as its stub has it."""
    definitions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == function]
    return bool(definitions) and all(map(does_nothing_yet, definitions))


def does_nothing_yet(node: ast.stmt) -> bool:
    """Tell a function as its stub has it: all of its blanks are left, or it only raises `NotImplementedError`.

    A decorator may complete the latter.
    """
    if isinstance(node, ast.FunctionDef) and all_blanks_left(node):
        return True
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        return False
    match node.body[bool(ast.get_docstring(node)) :]:
        case [ast.Raise(ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError")))]:
            return True
    return False
