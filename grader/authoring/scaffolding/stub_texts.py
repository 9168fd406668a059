"""Makes an exercise's stub for each level of support: guided, supported, independent.

The stub in `exercises/` says what a function is called, what it gets and returns. Of the solution in `reference/` come
the scaffold with its blanks, and the steps.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.authoring.scaffolding.solution_marks import Marks, header_end, read_marks
from grader.course.blanks import BLANK, asked
from grader.course.syntax import parse, tree_of
from grader.errors import UsageError
from grader.faults import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.course.blanks import Support
    from grader.course.model import Exercise

_WHOLE = "The whole statement, with shapes, limits and examples, is on the lesson's page."
_INDENT = 4


class _Edit(NamedTuple):
    """Lines of a text, both ends included, and what stands there instead; with `last` before `first` it is added."""

    first: int
    last: int
    lines: Sequence[str]


def stub_text(exercise: Exercise, support: Support) -> str:
    """Return an exercise's stub as it is given out with that much support.

    Raises:
        UsageError: the exercise has no solution or the solution no marks for it, or they are wrong.
    """
    if support == "independent":
        return _independent(exercise)
    marks = marks_of(exercise)
    for fault in faults(exercise, marks):
        raise UsageError(f"{exercise.key} cannot be released as {support}: {fault}")
    return _guided(exercise, marks) if support == "guided" else _supported(exercise, marks)


def marks_of(exercise: Exercise) -> Marks:
    """Return the marks of an exercise's solution; raise `UsageError` if there is no solution, or it is not Python."""
    if exercise.solution is None:
        raise UsageError(f"{exercise.key} has no solution here: its scaffold and its steps come from there.")
    return read_marks(exercise.solution)


def faults(exercise: Exercise, marks: Marks) -> Iterator[str]:
    """Yield why scaffold and steps cannot be made of a solution with these marks, as sentences."""
    assert exercise.solution is not None
    yield from (f"solution.py, {fault}" for fault in marks.faults)
    own, solved = functions_of(tree_of(exercise.stub)), functions_of(tree_of(exercise.solution))
    for name in own:
        if name not in solved or ast.get_docstring(solved[name]) is None:
            yield f"solution.py has no `{name}` with a docstring: write it as a function at the top level."
            continue
        if parameters(solved[name]) != parameters(own[name]):
            yield f"the parameters of `{name}` are not called as in the stub: give them the same names and order."
        if not _inside(solved[name], [step.line for step in marks.steps]):
            yield f"solution.py says no steps of `{name}`: write `# step: WORDS` above what is done."
        if not _inside(solved[name], [blank.line for blank in marks.blanks]):
            yield f"solution.py has no blanks in `{name}`: write `# blank: CODE` above a statement."
    for blank in marks.blanks:
        around = next((node for node in solved.values() if _inside(node, [blank.line])), None)
        if around is not None and all(_is_trivial(part, around) for part in blank.hidden):
            yield f"solution.py, line {blank.line}: its blanks stand for nothing but what anybody would try: hide more."
    for name in sorted(solved.keys() - own.keys()):
        if not name.startswith("_"):
            yield f"solution.py's helper `{name}` would be one more function to write: call it `_{name}`."


def filled_in(text: str, fillings: Iterable[ast.expr | ast.stmt]) -> str:
    """Return a scaffold in whose blanks these expressions stand, in order; statements where a blank is one alone."""
    return ast.unparse(ast.fix_missing_locations(_Filling(iter(fillings)).visit(parse(text))))


class _Filling(ast.NodeTransformer):
    """Puts one tree after another into blanks."""

    def __init__(self, fillings: Iterator[ast.expr | ast.stmt]) -> None:
        self._fillings = fillings

    def visit_Expr(self, node: ast.Expr) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id == BLANK:
            filling = copy.deepcopy(next(self._fillings))
            return filling if isinstance(filling, ast.stmt) else ast.Expr(filling)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> Any:
        return copy.deepcopy(next(self._fillings)) if node.id == BLANK else node


def _is_trivial(part: ast.expr | ast.stmt, function: ast.FunctionDef) -> bool:
    """Tell an argument as it is, and the constants that are filled in where nobody has understood anything."""
    if isinstance(part, ast.Constant):
        return part.value in (None, 0, ...)
    return isinstance(part, ast.Name) and part.id in parameters(function)


# --- guided ------------------------------------------------------------------------------------------------------


def _guided(exercise: Exercise, marks: Marks) -> str:
    """Return the solution with the stub's signatures and docstrings, and with blanks."""
    assert exercise.solution is not None
    source, stub = text_of(exercise.solution), text_of(exercise.stub)
    tree, own = parse(source), parse(stub)
    edits = [
        _Edit(step.line, step.line, [f"{' ' * step.column}# {step.text}"]) for step in marks.steps
    ]  # fmt: skip
    for blank in marks.blanks:
        indent = " " * blank.node.col_offset
        edits += [_Edit(blank.line, blank.line, []), _Edit(blank.first, blank.last, [f"{indent}{blank.template}"])]
    if title := _docstring_lines(own):
        there = _docstring_lines(tree) or (1, 0)
        edits.append(_Edit(*there, _lines(stub, *title)))
    edits += _missing_imports(tree, own)
    solved = functions_of(tree)
    for name, node in functions_of(own).items():
        first, last = node.lineno, _docstring_lines(node) or (0, header_end(stub, node))
        mine = _docstring_lines(solved[name]) or (0, 0)
        count = sum(len(blank.hidden) for blank in marks.blanks if _inside(solved[name], [blank.line]))
        statement = _asking(_lines(stub, first, last[1]), count)
        edits.append(_Edit(solved[name].lineno, mine[1], statement))
    return _edited(source, edits)


def _asking(lines: list[str], count: int) -> list[str]:
    """Return a signature with its docstring, which asks at its end for that many blanks."""
    indent = " " * _INDENT
    *before, last = lines
    if last.strip() == '"""':
        return [*before, "", f"{indent}{asked(count)}", last]
    return [*before, last.removesuffix('"""'), "", f"{indent}{asked(count)}", f'{indent}"""']


def _missing_imports(tree: ast.Module, own: ast.Module) -> list[_Edit]:
    """Return the edit that adds what the stub imports and the solution does not: its signature may need it."""
    there = {ast.unparse(node) for node in _imports(tree)}
    missing = [ast.unparse(node) for node in _imports(own) if ast.unparse(node) not in there]
    if not missing:
        return []
    known = _imports(tree)
    after = known[-1].end_lineno if known else (_docstring_lines(tree) or (0, 0))[1]
    assert after is not None
    return [_Edit(after + 1, after, missing if known else ["", *missing])]


def _imports(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


# --- supported and independent -----------------------------------------------------------------------------------


def _supported(exercise: Exercise, marks: Marks) -> str:
    """Return the stub with the solution's steps, numbered, in place of nothing but `raise NotImplementedError`."""
    assert exercise.solution is not None
    stub, solved = text_of(exercise.stub), functions_of(tree_of(exercise.solution))
    edits = []
    for name, node in functions_of(parse(stub)).items():
        steps = [step for step in marks.steps if _inside(solved[name], [step.line])]
        lines = [
            f"{' ' * _INDENT}#{' ' * (step.column - _INDENT + 1)}{number}. {step.text}"
            for number, step in enumerate(steps, 1)
        ]
        edits.append(_Edit(node.body[-1].lineno, node.body[-1].lineno - 1, lines))
    return _edited(stub, edits)


def _independent(exercise: Exercise) -> str:
    """Return the stub with the first paragraph of each docstring, and where the whole of it is."""
    stub = text_of(exercise.stub)
    edits = []
    for node in functions_of(tree_of(exercise.stub)).values():
        if place := _docstring_lines(node):
            indent = " " * _INDENT
            sentence, *rest = statement_of(node).split("\n\n")
            said = [f'{indent}"""{sentence}'.replace("\n", f"\n{indent}"), "", f"{indent}{_WHOLE}", f'{indent}"""']
            edits += [_Edit(*place, said)] if rest else []
    return _edited(stub, edits)


def statements(exercise: Exercise) -> dict[str, str]:
    """Return what the docstrings of an exercise's functions say, by function."""
    return {name: statement_of(node) for name, node in functions_of(tree_of(exercise.stub)).items()}


def folded_statement(exercise: Exercise) -> str:
    """Return all that an exercise's docstrings say as Markdown, folded away until somebody asks for it."""
    said = "\n\n\n".join(statements(exercise).values())
    summary = f"<summary>The whole statement of <code>{exercise.name}</code></summary>"
    return f"<details>{summary}\n\n```text\n{said}\n```\n\n</details>"


def statement_of(function: ast.FunctionDef) -> str:
    """Return what the docstring of a function says."""
    return ast.get_docstring(function) or ""


# --- lines -------------------------------------------------------------------------------------------------------


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Return the functions at the top level of a module, by name."""
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def parameters(node: ast.FunctionDef) -> list[str]:
    """Return the names of a function's parameters, in order, without those that take any number of arguments."""
    given = node.args
    return [part.arg for part in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def _inside(node: ast.stmt, lines: Iterable[int]) -> bool:
    return any(node.lineno <= line <= (node.end_lineno or 0) for line in lines)


def _docstring_lines(node: ast.Module | ast.FunctionDef) -> tuple[int, int] | None:
    match node.body:
        case [ast.Expr(ast.Constant(str()), lineno=int(first), end_lineno=int(last)), *_]:
            return first, last
    return None


def _lines(text: str, first: int, last: int) -> list[str]:
    return text.split("\n")[first - 1 : last]


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    """Return a text with all edits made; no two of them overlap."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda edit: (edit.first, edit.last), reverse=True):
        lines[edit.first - 1 : edit.last] = edit.lines
    return "\n".join(lines)
