"""Parts code into the statements that may be taken: imports, definitions and assignments, in blocks and outside."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from grader.submission.bindings import is_main_guard
from grader.submission.scopes import binds, calls, changes, reads, reads_of_expression, touched, waits
from grader.submission.slices import (
    BESIDE,
    COMPUTED,
    CONSTANT,
    DEFINITION,
    EVERYWHERE,
    HEADER,
    IMPORT,
    STALE,
    Place,
    Statement,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class _Suite(NamedTuple):
    """A part of a block: what its header evaluates and binds, and its statements."""

    evaluates: Sequence[ast.expr]
    binds: frozenset[str]
    body: Sequence[ast.stmt]
    decides: bool = False


class _Lines(NamedTuple):
    """The lines that a statement stands on, and the number of the first."""

    first: int
    lines: tuple[str, ...]


@dataclass
class Parting:
    """The statements of a file, or of the cells of a notebook one after the other, parted into those that may be taken.

    `nodes` are the trees of those that are taken as they are; `left_out` says why names that other code binds are
    missing.
    """

    annotations_are_texts: bool = False
    statements: list[Statement] = field(default_factory=list)
    nodes: dict[int, ast.stmt] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    _changed: dict[str, int] = field(default_factory=dict)  # how many statements came before a name was last changed
    _known: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def add(self, file: str, text: str, body: Sequence[ast.stmt]) -> None:
        """Part the statements of a text that is shown as `file`."""
        _Text(self, file, text.split("\n")).part(body)

    def finish(self) -> None:
        """Pass over the values that code which is not taken changes later: they would be wrong."""
        for index, statement in enumerate(self.statements):
            later = (self._changed.get(name, 0) > index for name in statement.binds | statement.changes)
            if statement.kind in (CONSTANT, COMPUTED) and any(later):
                self.statements[index] = statement._replace(kind=STALE)
                del self.nodes[index]
        there = frozenset[str]().union(*(each.binds for each in self.statements if each.kind != STALE))
        self.left_out = {name: why for name, why in self.left_out.items() if name not in there}

    def _take(self, node: ast.stmt | None, statement: Statement) -> None:
        if node is not None:
            self.nodes[len(self.statements)] = node
        binds, changes, needs = map(self._shared, (statement.binds, statement.changes, statement.needs))
        self.statements.append(statement._replace(binds=binds, changes=changes, needs=needs))

    def _shared(self, names: frozenset[str]) -> frozenset[str]:
        """Return the same object for equal sets: most are small, and there are many."""
        return self._known.setdefault(names, names)

    def _leave_out(self, node: ast.stmt, place: Place) -> None:
        for name in touched(node):
            self._changed[name] = len(self.statements)
            self.left_out[name] = f"It is assigned in {place.file}, line {place.line}, in code that is not run."

    def _set_by_function(self, names: frozenset[str], function: str, place: Place) -> None:
        for name in names:
            where = f"`{function}` ({place.file}, line {place.line})"
            self.left_out.setdefault(name, f"It is set by {where}, which nothing calls first: assign it outside of it.")


class _Text:
    """One text, whose statements are added to a parting."""

    def __init__(self, parting: Parting, file: str, lines: Sequence[str]) -> None:
        self._parting = parting
        self._file = file
        self._lines = lines
        self._encoded = functools.cache(lambda number: lines[number - 1].encode())  # columns count bytes

    def part(self, body: Sequence[ast.stmt], parent: int = -1, indent: str = "") -> None:
        """Add statements that stand under a header, -1 for none."""
        for node, (first, lines) in zip(body, self._cut(body, indent), strict=True):
            place = Place(self._file, first)
            if name := _name_of_constant(node):  # a file may consist of these
                self._parting._take(node, Statement(lines, place, CONSTANT, frozenset([name]), parent=parent))
            elif suites := _suites(node):
                self._block(suites, first, parent)
            elif kind := _kind(node, inside=parent >= 0):
                found = reads(node, "\n".join(lines), annotations_are_texts=self._parting.annotations_are_texts)
                statement = Statement(lines, place, kind, binds(node), changes(node), found.needs, _wraps(node), parent)
                self._parting._take(node, statement)
                self._parting._set_by_function(found.sets, getattr(node, "name", ""), place)
            else:
                self._parting._leave_out(node, place)

    def _block(self, suites: Sequence[_Suite], first: int, parent: int) -> None:
        """Add the suites of a block, each with the lines of its header."""
        block = len(self._parting.statements)
        for suite in suites:
            header = self._header(first, suite.body[0])
            indent = self._indent(suite.body[0], header.lines[0])
            needs = frozenset[str]().union(*map(reads_of_expression, suite.evaluates))
            number = len(self._parting.statements)
            statement = Statement(
                header.lines,
                Place(self._file, header.first),
                HEADER,
                suite.binds,
                needs=needs,
                parent=parent,
                block=block,
                decides=suite.decides,
                indent=indent,
            )
            self._parting._take(None, statement)
            self.part(suite.body, number, indent)
            first = (suite.body[-1].end_lineno or suite.body[-1].lineno) + 1

    def _header(self, first: int, below: ast.stmt) -> _Lines:
        """Return the lines from the first to a statement, without the blank ones and comments before them."""
        until = _first_line(below)
        lines = list(self._lines[first - 1 : until - 1])
        if not self._begins_its_line(below):
            lines.append(self._encoded(until)[: below.col_offset].decode().rstrip())
        while len(lines) > 1 and lines[0].lstrip()[:1] in ("", "#"):
            del lines[0]
            first += 1
        return _Lines(first, tuple(lines))

    def _indent(self, below: ast.stmt, header: str) -> str:
        line = self._lines[_first_line(below) - 1] if self._begins_its_line(below) else f"{_indent_of(header)}    _"
        return _indent_of(line)

    def _begins_its_line(self, node: ast.stmt) -> bool:
        return not self._encoded(_first_line(node))[: node.col_offset].strip()

    def _cut(self, body: Sequence[ast.stmt], indent: str) -> Iterator[_Lines]:
        """Yield the lines of each statement; those that share a line are cut by columns."""
        spans = [(_first_line(node), node.end_lineno or node.lineno) for node in body]
        for index, (node, (first, last)) in enumerate(zip(body, spans, strict=True)):
            begins = spans[index - 1][1] < first if index else self._begins_its_line(node)
            ends = index + 1 == len(body) or last < spans[index + 1][0]
            lines = list(self._lines[first - 1 : last])
            if first == last and not begins:
                lines = [indent + self._encoded(first)[node.col_offset : node.end_col_offset].decode()]
            elif not begins:
                lines[0] = indent + self._encoded(first)[node.col_offset :].decode()
            if not ends and (begins or first < last):
                lines[-1] = self._encoded(last)[: node.end_col_offset].decode()
            yield _Lines(first, tuple(lines))


def has_text_annotations(body: Sequence[ast.stmt]) -> bool:
    """Tell `from __future__ import annotations` at the top level."""
    return any(isinstance(node, ast.ImportFrom) and EVERYWHERE in binds(node) for node in body)


def _name_of_constant(node: ast.stmt) -> str:
    match node:
        case ast.Assign([ast.Name(name)], ast.Constant()):
            return name
    return ""


def _kind(node: ast.stmt, *, inside: bool) -> str:
    """Return what a statement is taken as, "" if it never is; `inside` a block, a few more are."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return IMPORT
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return DEFINITION
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign(value=ast.expr()) if not waits(node):
            return COMPUTED if calls(node) else CONSTANT
        case ast.Raise() if inside:
            return BESIDE
        case ast.Expr(value) if (
            inside and not isinstance(value, ast.Constant) and not calls(value) and not waits(value)
        ):
            return BESIDE  # `torch.mps` in a `try` may raise
    return ""


def _wraps(node: ast.stmt) -> bool:
    """Tell `f = wrapped(f)` from `f = f(1)` and from `f = compile(f)`, without which `f` computes the same."""
    match node:
        case ast.Assign([ast.Name(name)], ast.Call(function) as call):
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            same = _last_name(function) in ("compile", "jit", "script")
            return not same and any(name in reads_of_expression(value) for value in given)
    return False


def _last_name(function: ast.expr) -> str:
    match function:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""


def _suites(node: ast.stmt) -> list[_Suite]:
    """Return the parts of a block that is taken by parts, none for what is taken as a whole or not at all."""
    suites = _parts(node)
    return [] if any(waits(each) for suite in suites for each in suite.evaluates) else suites


def _parts(node: ast.stmt) -> list[_Suite]:
    nothing = frozenset[str]()
    match node:
        case ast.If(test) if not is_main_guard(test):
            return list(_branches(node))
        case ast.Try() | ast.TryStar():
            handlers = [
                _Suite([each.type] if each.type else [], frozenset([each.name] if each.name else []), each.body)
                for each in node.handlers
            ]
            rest = [_Suite([], nothing, body) for body in (node.orelse, node.finalbody) if body]
            return [_Suite([], nothing, node.body, decides=True), *handlers, *rest]
        case ast.With():
            evaluated = [item.context_expr for item in node.items]
            bound = [binds(item.optional_vars) for item in node.items if item.optional_vars]
            suppresses = any(isinstance(each, ast.Call) and _last_name(each.func) == "suppress" for each in evaluated)
            return [_Suite(evaluated, nothing.union(*bound), node.body, decides=suppresses)]
    return []


def _branches(node: ast.If) -> Iterator[_Suite]:
    """Yield the branches of an `if`: those of `elif` are nested in the tree and not in the text."""
    while True:
        yield _Suite([node.test], binds(node.test), node.body)
        match node.orelse:
            case []:
                return
            case [ast.If() as other] if _is_elif(node, other):
                node = other
            case rest:
                yield _Suite([], frozenset(), rest)
                return


def _is_elif(node: ast.If, other: ast.If) -> bool:
    """Tell `elif` from an `if` below `else:`, which stands further to the right, or is the same."""
    return other.col_offset == node.col_offset


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno] + [decorator.lineno for decorator in decorators])


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
