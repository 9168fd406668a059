"""Rules for what a student reads: blanks that are marked, numbers that are those of the code, nothing left over."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from grader.authoring.linting.findings import Rule, Spot
from grader.authoring.linting.notebook import targets
from grader.course.finding import find_course
from grader.course.names import closest
from grader.course.syntax import tree_of
from grader.errors import UsageError
from grader.submission.notebook.magics import exercise_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.authoring.linting.notebook import Cell, Notebook
    from grader.course.model import Exercise

_PICTURE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)|<img\b[^>]*\bsrc=[\"']?([^\"'\s>]+)", re.IGNORECASE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_MARKED = re.compile(
    r"\b(?:todo|fixme|your\s+(?:code|turn|answer|solution)|fill\s+(?:in|this)|blank|complete|implement)", re.I
)
_TASK = re.compile(r"#.*\b(?:todo|your\s+(?:code|solution)\s+(?:here|goes|below)|fill\s+in|fill\s+this)", re.I)
_BLANK_NAME = re.compile(r"_{3,}\Z")  # `_` and `__` are a kernel's last results
_BLANK_LINE = re.compile(
    r"(?:\.\.\.|pass|None|raise NotImplementedError\b.*|.*=\s*(?:None|\.\.\.)|.*\b_{2,}\b.*|.*\.\.\.\s*)(?:\s*#.*)?$"
)
_CLAIM = re.compile(r"`([A-Za-z_]\w*)\s*=\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)`")


def _outputs(notebook: Notebook) -> Iterator[Spot]:
    for cell in notebook.code:
        if cell.shows:
            why = "what the cell showed when its author ran it is still there."
        elif cell.count is not None:
            why = f"the number of its last run, [{cell.count}], is still there."
        else:
            continue
        yield Spot(cell.number, 1, why, "Clear all outputs before the notebook is handed out.")


def _pictures(notebook: Notebook) -> Iterator[Spot]:
    for cell in notebook.cells:
        if cell.is_code:
            continue
        text = _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), cell.text)
        for found in _PICTURE.finditer(text):
            source, line = found[1] or found[2], text.count("\n", 0, found.start()) + 1
            kind, _, name = source.partition(":")
            if kind == "attachment" and name not in cell.attachments:
                yield Spot(cell.number, line, f"the cell has no attachment {name}.", "Put the picture in again.")
            elif kind not in ("attachment", "data"):
                why = f"the picture {source} lies outside, and is missing where the notebook is moved alone."
                yield Spot(cell.number, line, why, "Attach it to the cell.")


def _unmarked_blanks(notebook: Notebook) -> Iterator[Spot]:
    for cell in notebook.code:
        lines = cell.text.split("\n")
        before = notebook.cells[cell.number - 2] if cell.number > 1 else None
        told = before is not None and not before.is_code and _MARKED.search(before.text)
        if exercise_of(cell.text) or told:
            continue
        for node in ast.walk(cell.tree):
            if _is_blank(node):
                line: int = node.lineno  # type: ignore[attr-defined]
                if not any(_MARKED.search(each) for each in lines[max(line - 4, 0) : line]):
                    why = "a blank that nothing says is to be filled in."
                    yield Spot(cell.number, line, why, "Put a comment above it: `# TODO: ...`.")


def _is_blank(node: ast.AST) -> bool:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return _BLANK_NAME.match(node.id) is not None
    if isinstance(node, ast.Assign | ast.Return):
        return isinstance(node.value, ast.Constant) and node.value.value is Ellipsis
    return False


def _filled_in(notebook: Notebook) -> Iterator[Spot]:
    for cell in notebook.code:
        lines = cell.text.split("\n")
        for number, line in enumerate(lines, 1):
            if not _TASK.search(line):
                continue
            own, after = line.partition("#")[0].strip(), _next_code(lines[number:])
            task = own or after
            if task and not _BLANK_LINE.match(task):
                why = "a task is announced here, and the code that follows is already complete."
                yield Spot(cell.number, number, why, "Leave a blank, or drop the mark.")


def _next_code(lines: list[str]) -> str:
    """Return the code after a mark, up to an empty line: its first blank if it has one, else its first line."""
    found: list[str] = []
    for line in lines:
        text = line.strip()
        if not text and found:
            break
        if text and not text.startswith("#"):
            found.append(text)
    return next((line for line in found if _BLANK_LINE.match(line)), found[0] if found else "")


def _numbers(notebook: Notebook) -> Iterator[Spot]:
    """Find `name = 50` in a text where the code beside says other numbers for that name, and never this one."""
    for cell in notebook.cells:
        if cell.is_code:
            continue
        for found in _CLAIM.finditer(cell.text):
            name, claimed = found[1], float(found[2])
            said = {number for beside in notebook.beside(cell) for number in _given(beside, name)}
            if said and claimed not in said:
                line = cell.text.count("\n", 0, found.start()) + 1
                numbers = ", ".join(f"{number:g}" for number in sorted(said))
                why = f"the text says `{name} = {found[2]}`, and the code beside it {numbers}."
                yield Spot(cell.number, line, why, "Say the same number in both.")


def _given(cell: Cell, name: str) -> Iterator[float]:
    """Yield the numbers that a cell assigns or passes under a name."""
    for node in ast.walk(cell.tree):
        if not (isinstance(node, ast.Assign | ast.keyword) and name in _receivers(node)):
            continue
        try:
            number = ast.literal_eval(node.value)
        except ValueError:
            continue
        if isinstance(number, int | float) and not isinstance(number, bool):
            yield float(number)


def _receivers(node: ast.Assign | ast.keyword) -> tuple[str | None, ...]:
    return targets(node) if isinstance(node, ast.Assign) else (node.arg,)


def _stubs(notebook: Notebook) -> Iterator[Spot]:
    exercises = _exercises_around(notebook)
    if not exercises:
        return
    for cell in notebook.code:
        name = exercise_of(cell.text)
        if not name:
            continue
        exercise = exercises.get(name)
        if exercise is None:
            close = closest(name, exercises)
            remedy = f"Did you mean `{close}`?" if close else "Correct the name."
            yield Spot(cell.number, 1, f"the course has no exercise `{name}`.", remedy)
            continue
        due = _signatures(tree_of(exercise.stub))
        for function, (line, signature) in _signatures(cell.tree).items():
            if function in due and signature != due[function][1]:
                why = f"`{function}{signature}` is not what the stub has: `{function}{due[function][1]}`."
                yield Spot(cell.number, line, why, "Build the notebook again, or change the stub.")


def _exercises_around(notebook: Notebook) -> dict[str, Exercise]:
    try:
        course = find_course(notebook.path.absolute().parent)
    except UsageError:  # not a notebook of a course of ours
        return {}
    return {exercise.name: exercise for exercise in course.in_code}


def _signatures(tree: ast.Module) -> dict[str, tuple[int, str]]:
    """Return line and parameters of every function, without annotations: these are no one's promise."""
    return {
        node.name: (node.lineno, f"({', '.join(_parameters(node.args))})")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in zip(plain, defaults, strict=True):
        yield argument.arg + (f"={ast.unparse(default)}" if default is not None else "")
    if arguments.vararg or arguments.kwonlyargs:
        yield f"*{arguments.vararg.arg}" if arguments.vararg else "*"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument.arg + (f"={ast.unparse(default)}" if default is not None else "")
    if arguments.kwarg:
        yield f"**{arguments.kwarg.arg}"


PAGE_RULES = (
    Rule("output", True, "What cells showed is left in.", _outputs),
    Rule("picture", True, "A picture is not in the notebook.", _pictures),
    Rule("unmarked-blank", True, "A blank is not marked as one.", _unmarked_blanks),
    Rule("stub", True, "A cell of an exercise does not fit the exercise's stub.", _stubs),
    Rule("filled-in", False, "A task is already filled in.", _filled_in),
    Rule("number", False, "A number in the text is not the one in the code beside it.", _numbers),
)
