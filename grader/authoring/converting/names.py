"""What the names of a notebook stand for, and which of its lines a piece of code needs to stand alone."""

from __future__ import annotations

import ast
import builtins
import importlib.util
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from grader.authoring.converting.model import Unconvertible
from grader.course.syntax import parse
from grader.submission import scopes
from grader.submission.notebook.magics import parsed, python_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.authoring.converting.model import Assignment

Kind = Literal["import", "constant", "function", "answer", "class", "variable"]
_BUILTINS = frozenset(dir(builtins)) | {"__name__"}
_NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


class Binding(NamedTuple):
    """A statement of a cell that binds a name, as text."""

    cell: int
    kind: Kind
    text: str
    node: ast.stmt
    in_answer: bool


@dataclass
class Needed:
    """Lines that a piece of code needs above it, each once and in the order of a file."""

    imports: dict[str, None] = field(default_factory=dict)
    constants: dict[str, None] = field(default_factory=dict)
    functions: dict[str, None] = field(default_factory=dict)

    def add(self, other: Needed) -> None:
        """Add what something else needs."""
        self.imports |= other.imports
        self.constants |= other.constants
        self.functions |= other.functions

    @property
    def text(self) -> str:
        """The lines, with empty lines between their kinds."""
        imports = "\n".join(sorted(self.imports, key=lambda line: (line.startswith("from "), line)))
        parts = [imports, "\n".join(self.constants)]
        return "\n\n".join(part for part in parts if part) + "".join(f"\n\n\n{text}" for text in self.functions)


def statements(text: str) -> tuple[str, list[ast.stmt]]:
    """Return a cell's Python without magics, and its statements; raise `Unconvertible` if it is not Python."""
    plain = python_of(text)
    try:
        return parsed(plain)
    except SyntaxError as error:
        raise Unconvertible(f"line {error.lineno or 1} is not Python: correct it.") from error
    except _NOT_PYTHON as error:
        raise Unconvertible("it cannot be read as Python.") from error


def source(text: str, node: ast.stmt) -> str:
    """Return the lines of a statement."""
    return "\n".join(text.split("\n")[node.lineno - 1 : node.end_lineno])


def free_names(text: str, nodes: Iterable[ast.stmt]) -> set[str]:
    """Return the names that statements read and do not bind themselves."""
    found: set[str] = set()
    bound: set[str] = set()
    for node in nodes:
        found |= scopes.reads(node, source(text, node), annotations_are_texts=False).needs
        bound |= {name for each in ast.walk(node) if isinstance(each, ast.stmt) for name in _binds(each)}
        bound |= scopes.binds(node)
    return found - bound - _BUILTINS


def _binds(node: ast.stmt) -> Iterable[str]:
    return scopes.binds(node) if isinstance(node, ast.Import | ast.ImportFrom) else ()


class Names:
    """The names that the cells of an assignment bind at their top level."""

    def __init__(self, assignment: Assignment) -> None:
        self._bindings: dict[str, list[Binding]] = {}
        for cell in sorted((*assignment.given, *assignment.answers), key=lambda cell: cell.cell):
            answer = cell in assignment.answers
            try:
                text, nodes = statements(cell.text)
            except Unconvertible:
                continue  # whoever needs a name of it, says so
            for node in nodes:
                for name, binding in _bindings(cell.cell, text, node, answer=answer):
                    self._bindings.setdefault(name, []).append(binding)

    @property
    def _perhaps(self) -> str:
        """What to say of a name that is not found if all names of a module are imported."""
        stars = self._bindings.get("*", [])
        return f" by name; `{stars[-1].text}` in cell {stars[-1].cell} may: import names one by one" if stars else ""

    def __getitem__(self, name: str) -> Binding | None:
        """Return what a name stands for; a variable, if several kinds of statements bind it or change it."""
        found = self._bindings.get(name, [])
        kinds = {binding.kind for binding in found}
        if not found:
            return None
        if len(kinds) > 1 or (kinds == {"constant"} and len(found) > 1):
            return found[-1]._replace(kind="variable")
        return found[-1]

    def answers(self) -> dict[str, list[Binding]]:
        """Return the functions that answers define, by name."""
        return {
            name: [binding for binding in found if binding.kind == "answer"]
            for name, found in self._bindings.items()
            if any(binding.kind == "answer" for binding in found)
        }

    def needed(self, wanted: Iterable[str], who: str, *, cell: int | None = None, but: Sequence[str] = ()) -> Needed:
        """Return the lines that bind these names, and those that they need in turn, the names in `but` left out.

        Functions are taken from the answer in `cell`, or, without it, from what students are given. Raises
        `Unconvertible` with a sentence in which `who` reads a name that cannot be taken along.
        """
        needed = Needed()
        seen = set(but)
        pending = sorted(wanted)
        while pending:
            name = pending.pop(0)
            if name in seen:
                continue
            seen.add(name)
            binding = self[name]
            if binding is None:
                raise Unconvertible(f"{who} reads `{name}`, which no cell defines{self._perhaps}.")
            _refuse(name, binding, who, cell)
            if binding.kind == "import":
                needed.imports[binding.text] = None
            elif binding.kind == "constant":
                needed.constants[binding.text] = None
            else:
                needed.functions[binding.text] = None
                pending += sorted(free_names(binding.text, parse(binding.text).body))
        return needed


def _refuse(name: str, binding: Binding, who: str, cell: int | None) -> None:
    """Raise `Unconvertible` for a name that cannot be taken along."""
    if binding.kind == "variable" or (binding.kind == "constant" and binding.in_answer and binding.cell != cell):
        raise Unconvertible(
            f"{who} reads a variable `{name}` that cell {binding.cell} leaves behind; write a function that returns it."
        )
    if binding.kind == "class":
        raise Unconvertible(f"{who} reads the class `{name}` of cell {binding.cell}; only functions are converted.")
    if binding.kind == "answer" and binding.cell != cell:
        raise Unconvertible(
            f"{who} calls `{name}`, which is the answer of cell {binding.cell}; write it so that it needs no other one."
        )
    if binding.kind == "function" and cell is not None:
        raise Unconvertible(
            f"{who} calls `{name}`, which cell {binding.cell} gives to students; an exercise stands alone, so write it "
            "into the function."
        )
    if binding.kind == "import":
        refuse_imports(binding.node, who)


def refuse_imports(node: ast.AST, who: str) -> None:
    """Raise `Unconvertible` for an import of a module that is not installed beside the grader, or of all names."""
    for each in ast.walk(node):
        modules = []
        if isinstance(each, ast.Import):
            modules = [alias.name for alias in each.names]
        elif isinstance(each, ast.ImportFrom):
            modules = ["." if each.level else each.module or ""]
            if any(alias.name == "*" for alias in each.names):
                raise Unconvertible(f"{who} needs `from {each.module} import *`: import names one by one.")
        for module in modules:
            top = module.partition(".")[0]
            if not _is_installed(top):
                raise Unconvertible(f"{who} imports `{module}`, which is not installed beside the grader.")


def _is_installed(module: str) -> bool:
    try:
        return bool(module) and importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _bindings(cell: int, text: str, node: ast.stmt, *, answer: bool) -> Iterator[tuple[str, Binding]]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            one = ast.ImportFrom(node.module, [alias], node.level) if isinstance(node, ast.ImportFrom) else None
            single = one or ast.Import([alias])
            yield (
                alias.asname or alias.name.partition(".")[0],
                Binding(cell, "import", ast.unparse(single), single, answer),
            )
        return
    if isinstance(node, ast.FunctionDef):
        yield node.name, Binding(cell, "answer" if answer else "function", source(text, node), node, answer)
        return
    kind: Kind = "class" if isinstance(node, ast.ClassDef) else "constant" if _is_constant(node) else "variable"
    for name in scopes.touched(node):
        yield name, Binding(cell, kind, source(text, node), node, answer)


def _is_constant(node: ast.stmt) -> bool:
    """Tell whether a statement gives one name a value that is written out."""
    match node:
        case ast.Assign([ast.Name()], value) | ast.AnnAssign(ast.Name(), _, ast.expr() as value):
            try:
                ast.literal_eval(value)
            except _NOT_PYTHON:
                return False
            return True
    return False
