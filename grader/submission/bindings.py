"""Which names a module binds at its top level, by its syntax tree."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.course.blanks import BLANK, blanks_in
from grader.course.syntax import does_nothing_yet
from grader.submission.model import Bindings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def bindings(statements: Iterable[ast.stmt]) -> Bindings:
    """Collect what the top level binds, blocks included."""
    defined: set[str] = set()
    imported: set[str] = set()
    unwritten: dict[str, bool] = {}
    blanks: dict[str, tuple[int, ...]] = {}
    pending = list(statements)[::-1]
    while pending:
        node = pending.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                defined.add(node.name)
                unwritten[node.name] = does_nothing_yet(node)
                blanks[node.name] = blanks_in(node)
            case ast.Assign():
                names = [name for target in node.targets for name in stored_names(target)]
                defined.update(names)
                unwritten.update(dict.fromkeys(names, False))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                defined.add(name)
                unwritten[name] = False
            case ast.ImportFrom():
                imported.update(alias.asname or alias.name for alias in node.names)
            case ast.If():
                pending += node.orelse
                if not is_main_guard(node.test):
                    pending += node.body
            case ast.Try() | ast.TryStar():
                pending += [*node.body, *node.orelse, *node.finalbody]
                pending += [statement for handler in node.handlers for statement in handler.body]
            case ast.With() | ast.AsyncWith():
                pending += node.body
            case ast.For() | ast.AsyncFor() | ast.While():
                pending += [*node.body, *node.orelse]
            case ast.Match():
                pending += [statement for case in node.cases for statement in case.body]
    return Bindings(
        frozenset(defined),
        frozenset(imported),
        frozenset(name for name, stub in unwritten.items() if stub),
        {name: lines for name, lines in blanks.items() if lines and BLANK not in defined | imported},
    )


def stored_names(target: ast.AST) -> Iterator[str]:
    """Yield the names that an assignment's target, or a whole statement, binds."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def is_main_guard(test: ast.expr) -> bool:
    """Tell `if __name__ == "__main__"`, whose block does not run when the file is imported."""
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]):
            return True
    return False
