"""Takes the code that can be graded out of a notebook, without running it.

Of the code cells, in their order, these statements are taken, where they stand at the top level:

* imports, functions and classes,
* assignments of constants: values that are written down and not computed by calls (a few that only make values are
  allowed, see `_VALUE_CALLS`),
* `if` and `try` around nothing but these.

Nothing else ever runs: no training loop, no plot, no check. And of what is taken a worker gets only what an exercise's
functions need, directly or through one another, so that an import that fails or is forbidden elsewhere in the notebook
spoils nothing. Of several definitions of a name the last one counts, as it does for whoever runs the cells in order; a
constant that is computed anew further down is none, since its first value would be a wrong one.

Magics, shell lines and requests for help are dropped. Cells are counted from 1 over the whole notebook, text included.
"""

from __future__ import annotations

import ast
import builtins
import codecs
import contextlib
import functools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.course.syntax import parse
from grader.submission.files import (
    Fault,
    File,
    Place,
    Taken,
    bindings,
    is_main_guard,
    syntax_problem,
    with_newlines,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

_EVERYWHERE = ""  # what a statement binds that every cell depends on
# Cell magics whose cell is ordinary Python in the notebook's own namespace; all others hold something else.
_PYTHON_MAGICS = {"capture", "exercise", "prun", "time"}
# Calls that only make a value, whose result is a constant if their arguments are.
_VALUE_CALLS = frozenset(
    """
    abs bool complex dict float frozenset int len list max min range round set slice sorted str sum tuple zip enumerate
    partial functools.partial Path pathlib.Path math.* torch.device torch.finfo torch.tensor
    torch.cuda.is_available torch.backends.mps.is_available np.array numpy.array
    """.split()
) | {
    f"{library}.{name}"
    for library in ("np", "numpy", "torch")
    for name in "arange cumprod cumsum exp eye full linspace log ones sqrt stack zeros".split()
}
_CHANGING_METHODS = set("add append clear extend insert pop remove reverse setdefault sort update".split())
_MAGIC_LINE = re.compile(r"[ \t]*(?:[%!?]|[\w, .]+=[ \t]*[%!](?![=]))")
_HELP_LINE = re.compile(r"[ \t]*[\w.*]+\?{1,2}[ \t]*(#.*)?$")
_CELL_MAGIC = re.compile(r"%%(\w*)(.*)")
_QUOTES = ('"""', "'''", '"', "'")
_TOKENS = {quote: re.compile(rf"\\.|{quote}") for quote in _QUOTES}  # inside such a text, and outside of any
_TOKENS[""] = re.compile("|".join([*_QUOTES, "#", r"[()\[\]{}]"]))
_DEFINED = re.compile(r"\b(?:def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
_IMPORTED = re.compile(r"^\s*(?:from\s+\S+\s+)?import\s+(.*)", re.MULTILINE)


class _Cell(msgspec.Struct):
    """A cell of any format; everything else in a notebook's JSON is skipped unread."""

    cell_type: str
    source: str | list[str] = ""
    input: str | list[str] = ""  # the name of `source` before format 4

    def text(self) -> str:
        text = self.source or self.input
        return text if isinstance(text, str) else "".join(text)


class _Worksheet(msgspec.Struct):
    cells: list[_Cell] = []


class _Notebook(msgspec.Struct):
    nbformat: int
    cells: list[_Cell] = []
    worksheets: list[_Worksheet] = []


_KEYS = {*_Cell.__struct_fields__, *_Worksheet.__struct_fields__, *_Notebook.__struct_fields__}
_MAX_LENIENT_BYTES = 8_000_000  # what is built from them takes many times their room


class _Statement(NamedTuple):
    """A top-level statement that is taken: its lines, where they begin, and which names it binds and needs."""

    lines: Sequence[str]
    cell: int  # its number among the code cells
    place: Place
    binds: frozenset[str]
    needs: frozenset[str]
    constant: bool


@dataclass(frozen=True, eq=False)
class Notebook(File):
    """The code of a notebook; `text` is all of it, of which `taken` gives a worker what it needs."""

    statements: Sequence[_Statement] = field(default=(), repr=False)
    broken_cells: Sequence[int] = ()  # the cells of the faults

    @property
    def readable(self) -> bool:
        """Whether anything could be made out of it."""
        return bool(self.broken_cells) or not self.faults

    @property
    def importable(self) -> bool:
        """Whether other files may import it."""
        return False

    @property
    def module(self) -> str:
        """The path under which a worker imports it."""
        return f"{self.path}.py"

    def spoiled(self, names: Collection[str]) -> str:
        """Return the fault that concerns these names, "" if there is none.

        One does that was to define such a name, or what it needs, unless a later cell defines it.
        """
        if not self.broken_cells:
            return super().spoiled(names)
        needed, _ = self._needed(names)
        for fault, cell in zip(self.faults, self.broken_cells, strict=True):
            if any(self._last_cell.get(name, 0) <= cell for name in fault.names & needed):
                return fault.sentence
        return ""

    def taken(self, names: Collection[str]) -> Taken:
        """Return what a worker imports to have these names: what they need, in the notebook's order."""
        needed, chosen = self._needed(names)
        if not needed <= self._last_cell.keys() | dir(builtins):
            _, chosen = self._needed([*names, "*"])
        lines: list[str] = []
        places: list[Place] = []
        for statement in (self.statements[index] for index in sorted(chosen)):
            lines += statement.lines
            file, first = statement.place
            places += [Place(file, first + index) for index in range(len(statement.lines))]
        left_out = {name: place for name, place in self.left_out.items() if name in needed}
        return Taken("".join(f"{line}\n" for line in lines), places, left_out)

    @functools.cached_property
    def _binding(self) -> dict[str, list[int]]:
        binding: dict[str, list[int]] = {}
        for index, statement in enumerate(self.statements):
            for name in statement.binds:
                binding.setdefault(name, []).append(index)
        return binding

    @functools.cached_property
    def _last_cell(self) -> dict[str, int]:
        return {name: max(self.statements[index].cell for index in at) for name, at in self._binding.items()}

    def _needed(self, names: Iterable[str]) -> tuple[set[str], set[int]]:
        """Return the names with everything that the statements that bind them need, and so on; and these statements."""
        needed: set[str] = set()
        chosen: set[int] = set()
        pending = {_EVERYWHERE, *names}
        while pending:
            name = pending.pop()
            needed.add(name)
            for index in self._binding.get(name, ()):
                if index not in chosen:
                    chosen.add(index)
                    pending |= (self.statements[index].needs | self.statements[index].binds) - needed
        return needed, chosen


def read_notebook(path: str, content: bytes) -> File:
    """Read a notebook of format 3 or 4; what is no notebook becomes a file with a fault."""
    try:
        return read_cells(path, code_cells(path, content))
    except NotANotebookError as error:
        return Notebook(path, "", faults=(Fault(str(error)),))


class NotANotebookError(Exception):
    """The text is a sentence."""


def code_cells(path: str, content: bytes) -> list[tuple[str, str]]:
    """Return what messages call each code cell, and its text; raise `NotANotebookError` if there is no telling."""
    try:
        notebook = _decoded(content.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotANotebookError(f"{path} is not a notebook, or is damaged: save it with Jupyter.") from error
    if notebook.nbformat not in (3, 4):
        found = notebook.nbformat
        raise NotANotebookError(f"{path} has format {found}, which is not supported: save it with a current Jupyter.")
    cells = [cell for sheet in notebook.worksheets for cell in sheet.cells] + notebook.cells
    return [(f"cell {number}", cell.text()) for number, cell in enumerate(cells, 1) if cell.cell_type == "code"]


def without_magics(source: str) -> str:
    """Return a cell as plain Python with its lines where they were; one that is no Python is left as it is."""
    text = _python_of(with_newlines(source))
    with contextlib.suppress(SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        text = _parsed(text).text
    first = text.partition("\n")[0]
    return text if first.strip() else f"#{text}"  # a kernel takes empty lines off the beginning


def _decoded(content: bytes) -> _Notebook:
    try:
        return msgspec.json.decode(content, type=_Notebook)
    except ValueError:
        if len(content) > _MAX_LENIENT_BYTES:
            raise
    # Outputs may hold what is no JSON and what other programs write and read all the same: NaN, half a character.
    tree = json.loads(content, strict=False, object_hook=lambda made: {key: made[key] for key in made.keys() & _KEYS})
    return msgspec.convert(tree, _Notebook)


def read_cells(path: str, cells: Iterable[tuple[str, str]]) -> Notebook:
    """Read code cells in the order in which they run; each is what messages call it, and its text."""
    statements: list[_Statement] = []
    nodes: list[ast.stmt] = []
    left_out: dict[str, Place] = {}
    changed: dict[str, int] = {}  # how many statements were taken before a name was bound or changed by another
    faults: list[Fault] = []
    broken: list[int] = []
    unreadable: list[str] = []
    for number, (label, source) in enumerate(cells, 1):
        text = _python_of(with_newlines(source))
        try:
            tree = _parsed(text)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            sentence = f"{path} has code in {label} that is no text, or is too deeply nested: simplify it."
            if isinstance(error, SyntaxError):
                head = f"{path} has a syntax error in {label}, line {error.lineno or 1}"
                sentence = syntax_problem(head, text, error)
            faults.append(Fault(sentence, _names_in(source)))
            broken.append(number)
            unreadable.append(source)
            continue
        lines = tree.text.split("\n")
        for node, (first, taken) in zip(tree.body, _cut(lines, tree.body), strict=True):
            if _is_taken(node):
                nodes.append(node)
                place = Place(f"{path}, {label}", first)
                constant = isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
                statements.append(_Statement(taken, number, place, _binds(node), _needs(node), constant))
            else:
                for name in _changes(node):
                    left_out[name] = Place(f"{path}, {label}", first)
                    changed[name] = len(statements)
    kept = [
        index
        for index, statement in enumerate(statements)
        if not (statement.constant and any(changed.get(name, 0) > index for name in statement.binds))
    ]
    statements, nodes = [statements[index] for index in kept], [nodes[index] for index in kept]
    statements.sort(key=lambda statement: _EVERYWHERE not in statement.binds)  # a module begins with these
    text = "\n".join([*(line for statement in statements for line in statement.lines), *unreadable])
    bound = frozenset[str]().union(*(statement.binds for statement in statements))
    left_out = {name: place for name, place in left_out.items() if name not in bound}
    return Notebook(path, text, bindings(nodes), tuple(faults), left_out, statements, broken)


class _Parsed(NamedTuple):
    text: str
    body: list[ast.stmt]


def _parsed(text: str) -> _Parsed:
    try:
        return _Parsed(text, parse(text).body)
    except SyntaxError:  # which every magic is
        plain = _dropped(text)
        return _Parsed(plain, parse(plain).body)


def _python_of(source: str) -> str:
    """Return a cell's Python with its line numbers kept: without the line of a cell magic, or nothing of another's."""
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    magic = _CELL_MAGIC.match(lines[first])
    if magic:
        if magic[1] not in _PYTHON_MAGICS:
            return ""
        lines[first] = ""
        first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip(" \t"))]
    if indent:  # pasted from somewhere; notebooks run it all the same
        lines = [line.removeprefix(indent) for line in lines]
    return "\n".join(lines)


def _dropped(text: str) -> str:
    """Replace magics, shell lines and requests for help by `pass`, as there may be a block that holds nothing else."""
    lines = []
    quote, depth, joined, skipping = "", 0, False, False
    for line in text.split("\n"):
        if skipping:  # the line before ended in a backslash
            skipping = line.endswith("\\")
            lines.append("")
            continue
        starts = not (quote or depth or joined)
        if starts and (_MAGIC_LINE.match(line) or _HELP_LINE.match(line)):
            lines.append(line[: len(line) - len(line.lstrip(" \t"))] + "pass")
            skipping = line.endswith("\\")
            continue
        quote, depth = _state_after(line, quote, depth)
        joined = line.endswith("\\")
        lines.append(line)
    return "\n".join(lines)


def _state_after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Return the triple quote that is open at the end of a line, and how many brackets are."""
    at = 0
    while token := _TOKENS[quote].search(line, at):
        at = token.end()
        text = token[0]
        if quote:
            quote = "" if text == quote else quote
        elif text[0] in "\"'":
            quote = text
        elif text[0] == "#":
            break
        elif text in "([{":
            depth += 1
        elif text in ")]}":
            depth = max(0, depth - 1)
    return quote if len(quote) == 3 else "", depth  # noqa: PLR2004 - a single one ends with its line


def _cut(lines: Sequence[str], body: Sequence[ast.stmt]) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the first line's number and the lines of each statement; those that share a line are cut by columns."""
    spans = [(_first_line(node), node.end_lineno or node.lineno) for node in body]
    encoded = functools.cache(lambda number: lines[number - 1].encode())  # columns count bytes
    for index, (node, (first, last)) in enumerate(zip(body, spans, strict=True)):
        alone = (index == 0 or spans[index - 1][1] < first) and (index + 1 == len(body) or last < spans[index + 1][0])
        taken = list(lines[first - 1 : last])
        if not alone and first == last:
            taken = [encoded(first)[node.col_offset : node.end_col_offset].decode()]
        elif not alone:
            taken[0] = encoded(first)[node.col_offset :].decode()
            taken[-1] = encoded(last)[: node.end_col_offset].decode()
        yield first, taken


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno] + [decorator.lineno for decorator in decorators])


def _is_taken(node: ast.stmt, inside: bool = False) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign(value=ast.expr()):
            return node.value is not None and _is_constant(node.value)
        case ast.If():
            return (
                not is_main_guard(node.test)
                and _is_constant(node.test)
                and all(_is_taken(each, inside=True) for each in (*node.body, *node.orelse))
            )
        case ast.Try():
            handled = [statement for handler in node.handlers for statement in handler.body]
            parts = (*node.body, *handled, *node.orelse, *node.finalbody)
            return all(_is_taken(each, inside=True) for each in parts)
        case ast.Pass() | ast.Raise() | ast.Expr(ast.Constant() | ast.Call(ast.Name("print"))):
            return inside
    return False


def _is_constant(value: ast.expr) -> bool:
    """Tell whether an expression is a value that is written down; what stands in a `lambda` runs when it is called."""
    pending: list[ast.AST] = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Call) and not _is_value_call(node.func):
            return False
        if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
            return False
        pending += ast.iter_child_nodes(node)
    return True


def _is_value_call(function: ast.expr) -> bool:
    name = ""
    while isinstance(function, ast.Attribute):
        name = f".{function.attr}{name}"
        function = function.value
    if not isinstance(function, ast.Name):
        return False
    return f"{function.id}{name}" in _VALUE_CALLS or f"{function.id}.*" in _VALUE_CALLS


def _binds(node: ast.stmt) -> frozenset[str]:
    """Return the names that a statement binds or changes; "*" if it does not say which."""
    names: set[str] = set()
    pending: list[ast.AST] = [node]
    while pending:
        each = pending.pop()
        match each:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(each.name)
                # `@method_of(A)` may change A.
                calls = [decorator for decorator in each.decorator_list if isinstance(decorator, ast.Call)]
                names.update(arg.id for call in calls for arg in call.args if isinstance(arg, ast.Name))
            case ast.ImportFrom(module="__future__"):
                names.add(_EVERYWHERE)
            case ast.Import():
                names.update(alias.asname or alias.name.partition(".")[0] for alias in each.names)
            case ast.ImportFrom():
                names.update(alias.asname or alias.name for alias in each.names)
            case ast.Name(ctx=ast.Store()):
                names.add(each.id)
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                names.update(_base(each))  # `TABLE["x"] = 1` and `A.f = f` change TABLE and A
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                pass  # a scope of its own
            case _:
                pending += ast.iter_child_nodes(each)
    return frozenset(names)


def _changes(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds, and those of what it changes, as far as one can see."""
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                yield from _base(each)
            case ast.Call(ast.Attribute(value, method)) if method in _CHANGING_METHODS or method.endswith("_"):
                yield from _base(value)


def _base(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _needs(node: ast.stmt) -> frozenset[str]:
    """Return every name that occurs in a statement: more than it needs perhaps, never less."""
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _names_in(source: str) -> frozenset[str]:
    """Return the names that a text that is no Python was to bind, as far as one can tell."""
    names = {name for pair in _DEFINED.findall(source) for name in pair if name}
    names.update(word for line in _IMPORTED.findall(source) for word in re.findall(r"\w+", line))
    magic = _CELL_MAGIC.match(source.lstrip())
    if magic and magic[1] == "exercise":
        names.update(magic[2].split())
    return frozenset(names)
