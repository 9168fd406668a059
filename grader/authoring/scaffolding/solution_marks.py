"""Reads the marks of a solution: its steps in words, and what of it a student is to fill in.

Marks are comments, each on a line of its own, so that the solution runs as it is:

    # step: Look up alpha-bar at the timestep.
    # blank: alpha_bar = ____[timestep]
    alpha_bar = alphas_cumprod[timestep]

A blank shows how the statement below it, or the header of that block, is written in the scaffold. In it, each ____
stands for an expression, or alone for the whole statement.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, NamedTuple

from grader.course.blanks import BLANK, blanks_in
from grader.course.syntax import parse, tree_of
from grader.faults import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MARK = re.compile(r"#\s*(step|blank)\s*:\s*(.*)\Z")
_LIKE_A_MARK = re.compile(r"#\s*(?:steps?|blanks?)\b\s*:?", re.IGNORECASE)
_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


class Step(NamedTuple):
    """What comes next, in words; `line` and `column` are those of its comment."""

    line: int
    column: int
    text: str


class Blank(NamedTuple):
    """A statement that is written with blanks; `first` to `last` are its lines, or those of its block's header.

    `hidden` is what its blanks stand for, in order, and `node` the statement.
    """

    line: int
    first: int
    last: int
    template: str
    hidden: tuple[ast.expr | ast.stmt, ...]
    node: ast.stmt


class Marks(NamedTuple):
    """The marks of a solution, in order, and what is wrong with them, as sentences."""

    steps: tuple[Step, ...]
    blanks: tuple[Blank, ...]
    faults: tuple[str, ...]


def read_marks(solution: Path) -> Marks:
    """Read the marks of a solution.

    Raises:
        UsageError: it cannot be read or is not valid Python.
    """
    tree, source = tree_of(solution), text_of(solution)
    steps: list[Step] = []
    blanks: list[Blank] = []
    faults: list[str] = []
    headers = {node.lineno: node for node in ast.walk(tree) if isinstance(node, ast.stmt)}
    ends = _header_ends(source)
    for line, column, comment, alone in _comments(source):
        found = _MARK.match(comment)
        if found is None:
            if _LIKE_A_MARK.match(comment):
                faults.append(f"line {line}: `{comment}` is not a mark. Write `# step: WORDS` or `# blank: CODE`.")
        elif not alone:
            faults.append(f"line {line}: a mark stands on a line of its own. Put it above the statement.")
        elif found[1] == "step":
            steps.append(Step(line, column, found[2].strip()))
        else:
            node = next((headers[below] for below in _lines_below(source, line) if below in headers), None)
            made = "no statement follows it" if node is None else _blank(line, found[2].strip(), node, ends)
            if isinstance(made, str):
                faults.append(f"line {line}: the blank cannot be used, as {made}.")
            else:
                blanks.append(made)
    return Marks(tuple(steps), tuple(blanks), tuple(faults))


def header_end(source: str, node: ast.stmt) -> int:
    """Return the last line of a statement, or of its header if it is a block."""
    return _end(node, _header_ends(source))


def _comments(source: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield line, column and text of every comment, and whether it has the line for itself."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            yield line, column, token.string, not token.line[:column].strip()


def _lines_below(source: str, line: int) -> Iterator[int]:
    """Yield the line of the statement that comes next after the comments below a mark."""
    for number, text in enumerate(source.split("\n")[line:], line + 1):
        if not text.strip().startswith("#"):
            yield number
            return


def _header_ends(source: str) -> dict[int, int]:
    """Return for each line on which a logical line begins the one on which its first colon ends a header, if any."""
    ends: dict[int, int] = {}
    first, depth = 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            continue
        if token.type == tokenize.NEWLINE:
            first, depth = 0, 0
            continue
        first = first or token.start[0]
        depth += (token.string in tuple("([{")) - (token.string in tuple(")]}"))
        if token.string == ":" and token.type == tokenize.OP and depth == 0:
            ends.setdefault(first, token.start[0])
    return ends


def _end(node: ast.stmt, ends: dict[int, int]) -> int:
    if not any(getattr(node, name, None) for name in _BODIES):
        return node.end_lineno or node.lineno
    return ends.get(node.lineno, node.lineno)


def _blank(line: int, template: str, node: ast.stmt, ends: dict[int, int]) -> Blank | str:
    """Return a blank, or what is wrong with it."""
    is_block = any(getattr(node, name, None) for name in _BODIES)
    try:
        (wanted,) = parse(f"{template}\n    pass" if is_block else template).body
    except (SyntaxError, ValueError):
        return f"`{template}` is not {'the header of a block' if is_block else 'a statement'}"
    if not blanks_in(wanted):
        return f"`{template}` has no {BLANK} in it"
    try:
        hidden = tuple(_hidden(wanted, node, top=True))
    except _DiffersError as differs:
        return f"`{template}` is not the statement below it: {differs}"
    return Blank(line, node.lineno, _end(node, ends), template, hidden, node)


class _DiffersError(Exception):
    """A template differs from its statement elsewhere than in its blanks."""


def _hidden(template: ast.AST, node: ast.AST, *, top: bool = False) -> Iterator[ast.expr | ast.stmt]:
    """Yield what the blanks of a template stand for in a node; raise `_DiffersError` where the two differ otherwise."""
    match template:
        case ast.Expr(ast.Name(name)) if name == BLANK and isinstance(node, ast.stmt):
            yield node
            return
        case ast.Name(name) if name == BLANK and isinstance(node, ast.expr):
            yield node
            return
    if type(template) is not type(node):
        raise _DiffersError(f"`{ast.unparse(template)}` stands for `{ast.unparse(node)}`")
    for name, wanted in ast.iter_fields(template):
        given = getattr(node, name, None)
        if (top and name in _BODIES) or name in ("ctx", "type_comment"):
            continue
        pairs = [(wanted, given)] if not isinstance(wanted, list) else _paired(wanted, given, node)
        for left, right in pairs:
            if isinstance(left, ast.AST) and isinstance(right, ast.AST):
                yield from _hidden(left, right)
            elif left != right:
                raise _DiffersError(f"`{ast.unparse(template)}` stands for `{ast.unparse(node)}`")


def _paired(wanted: list[object], given: object, node: ast.AST) -> list[tuple[object, object]]:
    if not isinstance(given, list) or len(wanted) != len(given):
        raise _DiffersError(f"`{ast.unparse(node)}` has another number of parts")
    return list(zip(wanted, given, strict=True))
