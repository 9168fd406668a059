"""Takes out of the statements of a file those that some functions need, directly or through one another."""

from __future__ import annotations

import builtins
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

EVERYWHERE = ""  # what a statement binds on which all others depend
ANYTHING = "*"  # what a star import binds
MODULE = "import "  # begins the name under which it is said why a module is missing

# What a statement is.
IMPORT = "import"
DEFINITION = "definition"  # a function or a class
CONSTANT = "constant"  # an assignment of what is written down
COMPUTED = "computed"  # an assignment of what a call returns
HEADER = "header"  # the lines that begin a suite, such as `try:`
BESIDE = "beside"  # what goes with the suite that it stands in, such as `raise`
STALE = "stale"  # an assignment of a value that code changes which is not taken

_ASSIGNMENTS = (CONSTANT, COMPUTED)
# What a module and a notebook's kernel have without binding it.
_ALWAYS_THERE = frozenset(dir(builtins)) | frozenset(("display", "get_ipython", "exit", "quit", "copyright", "credits"))


class Place(NamedTuple):
    """Where a line of a module comes from: what is shown for its file, and the line's number in it."""

    file: str
    line: int


class MayFail(NamedTuple):
    """Lines of a text, both ends included, without which it may do, and the names that they bind."""

    first: int
    last: int
    names: tuple[str, ...]


class Taken(NamedTuple):
    """What a worker imports: the text, and where each of its lines comes from if that is another file.

    `left_out` says in a sentence why a name that a function uses is not bound by the text; under the name "", what may
    have bound any name; under "import NAME", why a module is missing. `optional` lines may be left out too if they
    fail.
    """

    text: str
    places: Sequence[Place] = ()
    left_out: Mapping[str, str] = MappingProxyType({})
    optional: Sequence[MayFail] = ()


class Statement(NamedTuple):
    """A statement that may be taken: its lines with their indentation, what it is, and what it binds and needs.

    Those of a block stand behind its headers: `parent` is the number of the header that a statement stands under, and
    `block` that of the first header of the same block. `changes` are names whose value it changes, by `A.f = ...` or as
    `@A.register` does. `wraps` tells `f = wrapped(f)` from other assignments. `decides` tells a suite whose failing
    means something to the rest of its block, as that of a `try` does.
    """

    lines: tuple[str, ...]
    place: Place
    kind: str
    binds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    wraps: bool = False
    parent: int = -1
    block: int = -1
    decides: bool = False
    indent: str = ""  # of the suite below a header


class Slices:
    """The statements of one file, to be taken for any functions."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self.binding: dict[str, list[int]] = {}
        self.suites: dict[int, list[int]] = {}
        self.beside: dict[int, list[int]] = {}
        self._bound: dict[str, set[str]] = {}  # by kind
        for index, statement in enumerate(statements):
            match statement.kind:
                case "stale":
                    continue
                case "header":
                    self.suites.setdefault(statement.block, []).append(index)
                case "beside":
                    self.beside.setdefault(statement.parent, []).append(index)
            self._bound.setdefault(statement.kind, set()).update(statement.binds)
            for name in statement.binds | statement.changes:
                self.binding.setdefault(name, []).append(index)
        self.bound = frozenset[str]().union(*self._bound.values())

    def taken(self, names: Collection[str], left_out: Mapping[str, str]) -> Taken:
        """Return what a worker imports to have these names: what they need, in the order of the file."""
        choice = _Choice(self, frozenset(names))
        choice.follow([EVERYWHERE, *names])
        if any(self._is_missing(name) for name in choice.needed):
            choice.follow([], perhaps=[ANYTHING])
        lines: list[str] = []
        places: list[Place] = []
        optional: list[MayFail] = []
        for index, below in self._in_order(choice.chosen):
            statement = self.statements[index]
            first = len(lines) + 1
            lines += [*statement.lines, *below]
            places += [Place(statement.place.file, statement.place.line + n) for n in range(len(statement.lines))]
            places += [places[-1]] * len(below)
            if not choice.chosen[index]:
                optional.append(MayFail(first, len(lines), tuple(sorted(statement.binds | statement.changes))))
        said = {name: why for name, why in left_out.items() if name in choice.needed or name.startswith(MODULE)}
        return Taken("".join(f"{line}\n" for line in lines), places, said, optional)

    def needed(self, names: Collection[str]) -> set[str]:
        """Return the names that these need, directly or through one another, themselves included."""
        choice = _Choice(self, frozenset(names))
        choice.follow([EVERYWHERE, *names])
        return choice.needed

    def _in_order(self, chosen: Mapping[int, bool]) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield the chosen statements, and what must stand below each: `pass` in a suite that has become empty."""
        filled = {self.statements[index].parent for index in chosen}
        for index in sorted(chosen, key=lambda index: (EVERYWHERE not in self.statements[index].binds, index)):
            empty = self.statements[index].kind == HEADER and index not in filled
            yield index, [f"{self.statements[index].indent}pass"] if empty else []

    def _is_missing(self, name: str) -> bool:
        if name == EVERYWHERE:
            return False
        return not (name in self.bound or name in _ALWAYS_THERE or (name.startswith("__") and name.endswith("__")))

    def is_defined(self, name: str) -> bool:
        """Tell whether an import or a definition binds a name."""
        return self._is(name, IMPORT, DEFINITION)

    def _is(self, name: str, *kinds: str) -> bool:
        return any(name in self._bound.get(kind, ()) for kind in kinds)

    def passes_over(self, name: str, index: int) -> bool:
        """Tell whether a statement that binds or changes a name is not taken for its sake.

        A result that is called like the function that has made it, or like a module, is somebody's trial. What is set
        in a module matters to what it does only if it is written down.
        """
        statement = self.statements[index]
        if name not in statement.binds and self._is(name, IMPORT):
            own = (self._is(need, *_ASSIGNMENTS) and not self.is_defined(need) for need in statement.needs)
            return statement.kind != CONSTANT or any(own)
        trial = statement.kind == COMPUTED and statement.parent < 0 and not statement.wraps
        return trial and name in statement.binds and self.is_defined(name)


class _Choice:
    """Which statements are taken (by number: whether the functions cannot do without), and the names they need.

    What is reached only through the value of a variable is optional: a function may not come to use it.
    """

    def __init__(self, slices: Slices, asked: frozenset[str]) -> None:
        self._slices = slices
        self._asked = asked
        self.chosen: dict[int, bool] = {}
        self.needed: set[str] = set()
        self._names: dict[bool, list[str]] = {True: [], False: []}
        self._pulled: dict[tuple[int, bool], int] = {}

    def follow(self, certain: Iterable[str], perhaps: Iterable[str] = ()) -> None:
        """Choose what binds these names, what that needs, and so on."""
        self._names[True] += certain
        self._names[False] += perhaps
        while self._names[True] or self._names[False]:
            for_certain = bool(self._names[True])
            name = self._names[for_certain].pop()
            if name not in self.needed:
                self.needed.add(name)
                for index in self._slices.binding.get(name, ()):
                    if not self._slices.passes_over(name, index):
                        self._choose(index, for_certain)

    def _choose(self, index: int, certain: bool) -> None:
        statement = self._slices.statements[index]
        if index not in self.chosen:
            only_home = any(name in self._asked and not self._slices.is_defined(name) for name in statement.binds)
            certain = certain and (statement.kind not in _ASSIGNMENTS or only_home)
            self.chosen[index] = certain or statement.kind in (HEADER, BESIDE)
            self._names[certain] += statement.needs
            for other in self._slices.beside.get(index, ()):
                self._choose(other, certain=False)
            if statement.kind == HEADER:  # a block has all its headers, or none
                for header in self._slices.suites[statement.block]:
                    self._choose(header, certain)
        if statement.parent >= 0 and statement.kind != BESIDE:
            self._choose_block(index, statement, certain)

    def _choose_block(self, index: int, statement: Statement, certain: bool) -> None:
        """Choose the headers around a statement, and what decides whether it is reached."""
        headers = self._slices.suites[self._slices.statements[statement.parent].block]
        if headers[0] not in self.chosen:
            self._choose(headers[0], certain)
        if self._slices.statements[headers[0]].decides:
            self._pull(headers[0], index, values=statement.kind in _ASSIGNMENTS)

    def _pull(self, header: int, until: int, values: bool) -> None:
        """Choose the imports of a suite, with `values` the assignments too, that stand before a statement."""
        kinds = (IMPORT, *_ASSIGNMENTS) if values else (IMPORT,)
        start = self._pulled.get((header, values), header + 1)
        self._pulled[header, values] = max(start, until)
        for index in range(start, until):
            statement = self._slices.statements[index]
            if statement.parent < header:
                break
            if statement.kind in kinds and index not in self.chosen:
                self._choose(index, certain=False)
