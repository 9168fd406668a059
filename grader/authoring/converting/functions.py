"""Makes a solution and a stub of a function that an answer defines."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.authoring.converting.model import Unconvertible
from grader.authoring.converting.names import Names, Needed, free_names, refuse_imports, statements
from grader.authoring.new import BLANK
from grader.course.sources import QUESTIONS
from grader.submission import scopes

if TYPE_CHECKING:
    from grader.authoring.converting.model import Answer
    from grader.authoring.converting.names import Binding

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_INDENT = "    "


@dataclass(frozen=True)
class Written:
    """A function as an exercise: its name, the text of its stub and of its solution, and what is lost, as sentences."""

    function: str
    name: str
    title: str
    stub: str
    solution: str
    statement: str
    lost: tuple[str, ...]


def exercise_name(function: str) -> str:
    """Return what the exercise on a function is called: in small letters, with underscores."""
    return _CAPITAL.sub("_", function).lower()


def written(answer: Answer, binding: Binding, names: Names) -> Written:
    """Return a function of an answer as an exercise.

    Raises:
        Unconvertible: it does not stand alone, or is of a kind that is not graded as a function.
    """
    node = binding.node
    assert isinstance(node, ast.FunctionDef)
    who = f"`{node.name}`"
    _refuse(node, who)
    text = binding.text
    needed = names.needed(free_names(text, [node]), who, cell=answer.cell, but=[node.name])
    refuse_imports(node, who)
    name = exercise_name(node.name)
    docstring = ast.get_docstring(node) or ""
    title = docstring.partition("\n")[0] or f"{BLANK}: what is returned, in one sentence."
    solution = f'"""The reference solution of `{name}`."""\n' + _above(needed) + f"\n\n{text}\n"
    given, lost = _given(answer, node, names)
    stub = f'"""{title}"""\n' + _above(given) + f"\n\n{_stub(node, docstring)}\n"
    return Written(node.name, name, title, stub, solution, answer.statement, lost)


def _above(needed: Needed) -> str:
    return f"\n{needed.text}\n" if needed.text else ""


def _refuse(node: ast.FunctionDef, who: str) -> None:
    """Raise `Unconvertible` for what a function of a submission cannot be or do."""
    name = exercise_name(node.name)
    if name == QUESTIONS or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise Unconvertible(f"{who} cannot be the name of an exercise: call the function something else.")
    if node.decorator_list:
        raise Unconvertible(f"{who} has a decorator: define a plain function.")
    for each in ast.walk(node):
        match each:
            case ast.Call(ast.Name("open")):
                raise Unconvertible(f"{who} opens a file, which a confined submission cannot: hand in its content.")
            case ast.Call(ast.Name("input")):
                raise Unconvertible(f"{who} asks for input, and nobody is there to answer: make it a parameter.")
            case ast.Yield() | ast.YieldFrom():
                raise Unconvertible(f"{who} is a generator, which cannot be sent: return a list.")
            case ast.Global():
                raise Unconvertible(f"{who} changes a global variable: return the value.")


def _given(answer: Answer, node: ast.FunctionDef, names: Names) -> tuple[Needed, tuple[str, ...]]:
    """Return what a stub has above its function, and what of the released cell it does not have."""
    given = Needed()
    lost: tuple[str, ...] = ()
    try:
        _, nodes = statements(answer.released)
    except Unconvertible:
        nodes = []
    bound = {name for each in nodes for name in scopes.binds(each)}
    for name in sorted({each.id for each in ast.walk(node) if isinstance(each, ast.Name)}):
        binding = names[name]
        if binding is None or binding.kind not in ("import", "constant"):
            continue
        if binding.cell != answer.cell or name in bound:  # students are given it
            (given.imports if binding.kind == "import" else given.constants)[binding.text] = None
    for each in nodes:
        if isinstance(each, ast.FunctionDef) and each.name == node.name and not _is_empty(each):
            lost = (f"the lines of `{node.name}` around its solution are not in the stub.",)
    return given, lost


def _is_empty(node: ast.FunctionDef) -> bool:
    """Tell whether students get nothing in a function but its docstring and a place for their code."""
    for each in node.body[bool(ast.get_docstring(node)) :]:
        match each:
            case ast.Raise() | ast.Pass() | ast.Expr(ast.Constant()) | ast.Return(ast.Constant()):
                continue
        return False
    return True


def _stub(node: ast.FunctionDef, docstring: str) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    lines = docstring.splitlines() or [f"{BLANK}: what is returned, in one sentence."]
    quoted = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    body = "\n".join(f"{_INDENT}{line}".rstrip() for line in quoted)
    end = '"""' if len(lines) == 1 else f'\n{_INDENT}"""'
    return (
        f"def {node.name}({ast.unparse(node.args)}){returns}:\n"
        f'{_INDENT}"""{body.strip()}{end}\n{_INDENT}raise NotImplementedError'
    )
