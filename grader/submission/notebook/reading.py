"""Takes the code that can be graded out of a notebook, without running it.

Of the code cells, in their order, these statements are taken, where they stand at the top level:

* imports, functions and classes,
* assignments of constants: values that are written down and not computed by calls (a few that only make values are
  allowed, see `grader.submission.notebook.statements`),
* `if` and `try` around nothing but these.

Nothing else ever runs: no training loop, no plot, no check. And of what is taken a worker gets only what an exercise's
functions need, directly or through one another, so that an import that fails or is forbidden elsewhere in the notebook
spoils nothing. Of several definitions of a name the last one counts, as it does for whoever runs the cells in order; a
constant that is computed anew further down is not taken, since its first value would be wrong.

Magics, shell lines and requests for help are dropped. Cells are counted from 1 over the whole notebook, text included.
"""

from __future__ import annotations

import ast
import builtins
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from grader.submission.bindings import bindings
from grader.submission.model import Fault, File, Place, Taken
from grader.submission.notebook.cells import NotANotebookError, code_cells
from grader.submission.notebook.magics import parsed, python_of
from grader.submission.notebook.statements import EVERYWHERE, binds, changes, is_taken, names_in, needs
from grader.submission.text import syntax_problem, with_newlines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence


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

    def spoiled(self, names: Collection[str]) -> str:
        """Return the fault that concerns these names, "" if there is none.

        A fault does if its cell was to define one of the names, or what they need, and no later cell defines that.
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
        pending = {EVERYWHERE, *names}
        while pending:
            name = pending.pop()
            needed.add(name)
            for index in self._binding.get(name, ()):
                if index not in chosen:
                    chosen.add(index)
                    pending |= (self.statements[index].needs | self.statements[index].binds) - needed
        return needed, chosen


def read_notebook(path: str, content: bytes) -> File:
    """Read a notebook of format 3 or 4; anything else becomes a file with a fault."""
    try:
        return read_cells(path, code_cells(path, content))
    except NotANotebookError as error:
        return Notebook(path, "", faults=(Fault(str(error)),))


def read_cells(path: str, cells: Iterable[tuple[str, str]]) -> Notebook:
    """Read code cells in the order in which they run; each is what messages call it, and its text."""
    taken: list[tuple[_Statement, ast.stmt]] = []
    left_out: dict[str, Place] = {}
    changed: dict[str, int] = {}  # how many statements were taken before a name was bound or changed by another
    faults: dict[int, Fault] = {}  # by the number of the cell
    unreadable: list[str] = []
    for number, (label, source) in enumerate(cells, 1):
        text = python_of(with_newlines(source))
        try:
            cell = parsed(text)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            faults[number] = Fault(_why_unreadable(f"{path} has", label, text, error), names_in(source))
            unreadable.append(source)
            continue
        for node, (first, lines) in zip(cell.body, _cut(cell.text.split("\n"), cell.body), strict=True):
            place = Place(f"{path}, {label}", first)
            if is_taken(node):
                taken.append((_statement(node, lines, number, place), node))
            else:
                for name in changes(node):
                    left_out[name], changed[name] = place, len(taken)
    kept = [pair for index, pair in enumerate(taken) if not _is_computed_anew(pair[0], index, changed)]
    kept.sort(key=lambda pair: EVERYWHERE not in pair[0].binds)  # a module begins with these
    statements = [statement for statement, _ in kept]
    bound = frozenset[str]().union(*(statement.binds for statement in statements))
    return Notebook(
        path,
        "\n".join([*(line for statement in statements for line in statement.lines), *unreadable]),
        bindings(node for _, node in kept),
        tuple(faults.values()),
        {name: place for name, place in left_out.items() if name not in bound},
        statements,
        list(faults),
    )


def _why_unreadable(subject: str, label: str, text: str, error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return syntax_problem(f"{subject} a syntax error in {label}, line {error.lineno or 1}", text, error)
    return f"{subject} code in {label} that is not text, or is too deeply nested: simplify it."


def _statement(node: ast.stmt, lines: Sequence[str], cell: int, place: Place) -> _Statement:
    constant = isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
    return _Statement(lines, cell, place, binds(node), needs(node), constant)


def _is_computed_anew(statement: _Statement, index: int, changed: Mapping[str, int]) -> bool:
    """Tell a constant to which a later statement, one that is not run, assigns another value."""
    return statement.constant and any(changed.get(name, 0) > index for name in statement.binds)


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
