"""Takes the code that can be graded out of a notebook, without running it.

Of the code cells, in their order, these statements can be taken, at the top level and in blocks of `if`, `try` and
`with`:

* imports, functions and classes,
* assignments.

And of these a worker gets only what an exercise's functions need, directly or through one another: imports and
definitions of the names that they read, and the values of variables that nothing imports or defines. Nothing else ever
runs: no training loop, no plot, no check; and an import that fails or is forbidden elsewhere in the notebook spoils
nothing. Of several definitions of a name the last one counts, as it does for whoever runs the cells in order. A value
that other code changes further down is not taken, since it would be wrong.

Magics, shell lines and requests for help are dropped. A cell that is not Python is not read, and matters only if it was
to define a function of the exercise. Cells are counted from 1 over the whole notebook, text included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.submission.bindings import bindings
from grader.submission.model import Fault, File
from grader.submission.notebook.cells import NotANotebookError, all_cells
from grader.submission.notebook.elsewhere import (
    defined_in,
    defined_in_text,
    run_elsewhere,
    spoiled_by,
    written_elsewhere,
)
from grader.submission.notebook.magics import parsed, python_of
from grader.submission.question_answers import MAX_LINES, in_cell
from grader.submission.scopes import uses
from grader.submission.sizes import OWN_CODE, TOO_MUCH, too_much
from grader.submission.slices import HEADER, STALE
from grader.submission.statements import Parting, has_text_annotations
from grader.submission.text import syntax_problem, with_newlines

if TYPE_CHECKING:
    import ast
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from grader.submission.slices import Statement, Taken


@dataclass(frozen=True, eq=False)
class Notebook(File):
    """The code of a notebook; `text` is all that can be taken of it, of which `taken` gives a worker what it needs.

    `broken` tells faults of single cells from one of the whole notebook. They name what their cells were to define, but
    for what a later cell defines.
    """

    broken: bool = False

    @property
    def readable(self) -> bool:
        """Whether anything could be made out of it."""
        return self.broken or not self.faults

    @property
    def importable(self) -> bool:
        """Whether other files may import it."""
        return False

    def spoiled(self, names: Collection[str]) -> Fault | None:
        """Return the fault that concerns these names, None if there is none: its cell was to define one of them."""
        if not self.broken:
            return super().spoiled(names)
        return next((fault for fault in self.faults if not fault.names.isdisjoint(names)), None)

    def taken(self, names: Collection[str]) -> Taken:
        """Return what a worker imports to have these names: what they need, in the notebook's order."""
        return self.definitions(names)


def read_notebook(path: str, content: bytes) -> File:
    """Read a notebook of format 3 or 4; anything else becomes a file with a fault."""
    try:
        cells = all_cells(path, content)
    except NotANotebookError as error:
        return Notebook(path, "", faults=(Fault(str(error), unread=True),))
    texts = [(cell.label, cell.text) for cell in cells if not cell.is_code]
    return read_cells(path, [(cell.label, cell.text) for cell in cells if cell.is_code], texts)


def read_cells(path: str, cells: Iterable[tuple[str, str]], texts: Iterable[tuple[str, str]] = ()) -> Notebook:
    """Read code cells in the order in which they run; each is what messages call it, and its text.

    `texts` are the other cells: a definition in one of them is worth a hint.
    """
    read: list[tuple[str, str, list[ast.stmt]]] = []  # a label, Python, and its statements
    faults: list[tuple[Fault, int]] = []  # with the number of good cells before it
    unreadable: list[str] = []
    elsewhere: dict[str, str] = {}
    listed = list(cells)
    unparsed = too_much(source for _, source in listed)
    for number, (label, source) in enumerate(listed):
        place = f"{path}, {label}"
        elsewhere |= run_elsewhere(place, source) | written_elsewhere(place, source)
        if number in unparsed:
            sentence = f"{path} has {TOO_MUCH} of code, with those in {label}: {OWN_CODE}"
            faults.append((Fault(sentence, spoiled_by(source)), len(read)))
            elsewhere |= dict.fromkeys(defined_in(source), sentence)
            unreadable.append(source)
            continue
        text = python_of(with_newlines(source))
        try:
            cell = parsed(text)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            sentence = _why_unreadable(f"{path} has", label, text, error)
            faults.append((Fault(sentence, spoiled_by(source)), len(read)))
            elsewhere |= dict.fromkeys(defined_in(text), sentence)
            unreadable.append(source)
            continue
        read.append((place, *cell))
    for label, source in texts:
        elsewhere |= defined_in_text(f"{path}, {label}", source)
    body = [node for _, _, nodes in read for node in nodes]
    parting = Parting(annotations_are_texts=has_text_annotations(body))
    last: dict[str, int] = {}  # the last good cell that defines a name
    for number, (place, text, nodes) in enumerate(read):
        before = len(parting.statements)
        parting.add(place, text, nodes)
        last |= {name: number for each in parting.statements[before:] for name in each.binds}
    parting.finish()
    known = {name for each in parting.statements if each.kind != STALE for name in each.binds}
    return Notebook(
        path,
        "\n".join([*_code(parting.statements), *unreadable]),
        bindings(parting.nodes.values()),
        tuple(_without_redefined(fault, before, last) for fault, before in faults),
        {name: why for name, why in elsewhere.items() if name not in known} | parting.left_out,
        tuple(parting.statements),
        uses(body),
        given=tuple(given for label, source in listed for given in in_cell(path, label, source))[-MAX_LINES:],
        broken=bool(faults),
    )


def _code(statements: Sequence[Statement]) -> list[str]:
    """Return the lines of what can be taken; a block counts only with what stands in it."""
    filled = {each.parent for each in statements if each.kind != HEADER}
    taken = (each for index, each in enumerate(statements) if each.kind not in (HEADER, STALE) or index in filled)
    return [line for each in taken for line in each.lines]


def _without_redefined(fault: Fault, before: int, last: Mapping[str, int]) -> Fault:
    return Fault(fault.sentence, frozenset(name for name in fault.names if last.get(name, -1) < before))


def _why_unreadable(subject: str, label: str, text: str, error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return syntax_problem(f"{subject} a syntax error in {label}, line {error.lineno or 1}", text, error)
    return f"{subject} code in {label} that is not text, or is too deeply nested: simplify it."
