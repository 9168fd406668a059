"""What reading an exercise's files shows: whether the stub says enough, and whether files are in the wrong place."""

from __future__ import annotations

import ast
import copy
import re
from typing import TYPE_CHECKING

from grader.authoring.allowed_cheats import ALLOWED
from grader.authoring.equivalents import EQUIVALENTS
from grader.authoring.new import blanks
from grader.course.hints import NAME as HINTS
from grader.course.hints import HintsError, hints_of
from grader.course.outline import is_stub
from grader.course.syntax import is_unwritten, tree_of
from grader.faults import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.course.model import Exercise

LEAST_LINE = 12  # characters, without spaces: a shorter line may stand in a sentence by chance
_ANSWERS = {
    "solution.py", "solution.examples", "test_hidden.py", "wrong", "accepted", "mistakes.json", EQUIVALENTS, ALLOWED,
}  # fmt: skip


def inspect(exercise: Exercise) -> list[str]:
    """Return the faults of an exercise's files, each as a sentence."""
    return [
        *_stub(exercise),
        *_other_signature(exercise),
        *_strays(exercise),
        *_misplaced(exercise),
        *_giving_answers_away(exercise),
        *_hints(exercise),
    ]


def unfilled(exercise: Exercise) -> Iterator[str]:
    """Yield the blanks that `grade new` left for the author and that are not filled in yet."""
    files = [
        exercise.stub,
        exercise.public_checks,
        *sorted(exercise.reference.rglob("*.py") if exercise.reference else ()),
        *(path for path in (exercise.rubric, exercise.stub.with_name("README.md")) if path.is_file()),
    ]
    for path in files:
        for place in blanks(path):
            where = path.relative_to(exercise.stub.parents[2])
            yield f"{where}, line {place.line} is a blank: fill it in. {place.text}"


def _stub(exercise: Exercise) -> Iterator[str]:
    """Yield what the stub lacks: a statement that names every argument, annotations, and a body that is empty."""
    tree = tree_of(exercise.stub)
    if not ast.get_docstring(tree):
        yield "The stub has no docstring at its top: say in one sentence what the exercise is."
    names = {function.name for function in exercise.functions}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name not in names:
            continue
        statement = ast.get_docstring(node) or ""
        if not statement:
            yield f"The stub's `{node.name}` has no docstring: it is the statement."
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if argument.annotation is None:
                yield f"The stub's `{node.name}` has no type for `{argument.arg}`: annotate it."
            if statement and argument.arg not in statement:
                yield f"The statement of `{node.name}` does not name `{argument.arg}`: add it, with its shape or range."
        if node.returns is None:
            yield f"The stub's `{node.name}` has no type for its result: annotate it."
    yield from _written(exercise)


def given_away(exercise: Exercise) -> Iterator[str]:
    """Yield why an exercise may not be given out, beside what `grader.authoring.leaks` finds.

    A function of its stub is written, a hint holds a line of the solution, or an author's blank is left.
    """
    yield from unfilled(exercise)
    yield from _written(exercise)
    yield from _hints(exercise)


def _written(exercise: Exercise) -> Iterator[str]:
    tree, names = tree_of(exercise.stub), {function.name for function in exercise.functions}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in names and not is_unwritten(tree, node.name):
            yield f"The stub's `{node.name}` does something already: leave only `raise NotImplementedError`."


def _other_signature(exercise: Exercise) -> Iterator[str]:
    """Yield the functions that the solution defines with other parameters or defaults than the stub asks for."""
    if exercise.solution is None:
        return
    names = {function.name for function in exercise.functions}
    asked, written = (
        {node.name: node for node in tree_of(path).body if isinstance(node, ast.FunctionDef) and node.name in names}
        for path in (exercise.stub, exercise.solution)
    )
    for name in asked.keys() & written.keys():
        stub, solution = map(_signature, (asked[name], written[name]))
        if stub != solution:
            yield f"The stub asks for `{stub}` and the solution has `{solution}`: make them equal."


def _signature(function: ast.FunctionDef) -> str:
    """Return a function's name and parameters, without their types, for which a solution may have names of its own."""
    parameters = copy.deepcopy(function.args)
    for node in ast.walk(parameters):
        if isinstance(node, ast.arg):
            node.annotation = None
    return f"{function.name}({ast.unparse(parameters)})"


def _strays(exercise: Exercise) -> Iterator[str]:
    """Yield the files in the lesson's folder that look like exercises and have no checks, once for the whole lesson."""
    folder = exercise.stub.parent
    files = {path: text_of(path) for path in sorted(folder.glob("*.py"))}
    others = {path for path in files if not is_stub(folder.parents[1], path)}
    if exercise.stub != min(files.keys() - others, default=None):
        return
    for path in sorted(others):
        is_helper = path.name.startswith(("_", "test_")) or path.name == "conftest.py"
        is_used = any(re.search(rf"\b{re.escape(path.stem)}\b", text) for each, text in files.items() if each != path)
        if not (is_helper or is_used):
            place = f"exercises/{exercise.lesson}"
            yield (
                f"{place}/{path.name} has no checks, so it is not an exercise: write {place}/checks/test_{path.name}, "
                f"or call it _{path.name} if it is a helper."
            )


def _misplaced(exercise: Exercise) -> Iterator[str]:
    """Yield the files among the answers that nothing reads."""
    if exercise.reference is None:
        return
    for path in sorted(exercise.reference.iterdir()):
        if path.name not in _ANSWERS and path.name != "__pycache__":
            yield f"{path.name} in reference/{exercise.key} is read by nothing: remove or rename it."
    for folder in ("wrong", "accepted"):
        for path in sorted((exercise.reference / folder).glob("*")):
            if path.suffix != ".py" and path.name != "__pycache__":
                yield f"{folder}/{path.name} is not a variant: only .py files are."


def _giving_answers_away(exercise: Exercise) -> Iterator[str]:
    """Yield the messages of hidden checks that show what the reference returns."""
    if exercise.hidden_checks is None:
        return
    tree = tree_of(exercise.hidden_checks)
    for function in [node for node in tree.body if isinstance(node, ast.FunctionDef)]:
        answers = _names_of_answers(function)
        for node in ast.walk(function):
            if isinstance(node, ast.FormattedValue) and any(
                isinstance(part, ast.Name) and part.id in answers for part in ast.walk(node.value)
            ):
                place = _place(exercise.hidden_checks, node)
                yield f"{function.name} writes an expected value into its message ({place}): say it in words."


def _hints(exercise: Exercise) -> Iterator[str]:
    """Yield what is wrong with the exercise's hints: the file, or a hint that holds a line of the solution."""
    try:
        hints = hints_of(exercise)
    except HintsError as error:
        yield str(error)
        return
    lines = _lines_of(exercise.solution) if exercise.solution is not None else {}
    for number, hint in enumerate(hints, 1):
        squeezed = _squeezed(hint)
        for line, source in lines.items():
            if line in squeezed:
                yield f"Hint {number} in {HINTS} gives a line of the solution away, `{source}`: say it in words."
                break


def _lines_of(solution: Path) -> dict[str, str]:
    """Return what the lines of a solution compute, without spaces, and the line as it is written.

    These are whole statements and what they assign or return, as far as they are long enough not to be there by chance.
    """
    tree = tree_of(solution)
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
            continue
        value = getattr(node, "value", None)
        for part in (node, value) if not hasattr(node, "body") else ():
            if isinstance(part, ast.AST) and len(text := _squeezed(ast.unparse(part))) >= LEAST_LINE:
                found[text] = ast.unparse(part)
    return found


def _squeezed(text: str) -> str:
    """Return a text without spaces and quotation marks, so that neither hides a line."""
    return re.sub(r"[\s`'\"]", "", text)


def _names_of_answers(function: ast.FunctionDef) -> set[str]:
    """Return `reference`, and the names that are assigned from a call of it."""
    names = {"reference"}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(
            isinstance(part, ast.Name) and part.id == "reference" for part in ast.walk(node.value)
        ):
            names |= {part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return names


def _place(path: Path, node: ast.AST) -> str:
    return f"{path.name}, line {getattr(node, 'lineno', 0)}"
