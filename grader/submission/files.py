"""One file of a submission: its bytes decoded and parsed as Python would, and the names it binds."""

from __future__ import annotations

import ast
import codecs
import os
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from grader.course.syntax import does_nothing_yet, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

MAX_FILE_BYTES = 1_000_000  # of source code; a notebook's outputs are not counted
MAX_TOTAL_BYTES = 8_000_000
MAX_FILES = 500
MAX_NOTEBOOK_BYTES = 32_000_000  # with its outputs
MAX_READ_BYTES = 128_000_000  # of all files with everything in them

SUFFIXES = (".py", ".ipynb")
_LONGEST_NAME = 200  # bytes; most systems take 255, and a notebook's module has a longer name than the notebook
_LONGEST_PATH = 1000
_SHOWN_COLUMNS = 80  # how much of a long line is shown around a syntax error
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UTF8_COOKIE = re.compile(r"u8|utf-?8(-.*)?")
_COMMENT_OR_BLANK = re.compile(rb"[ \t\f]*(#.*)?\r?$")
_DEFINITION = re.compile(r"\bdef\s+(\w+)")


class Entry(NamedTuple):
    """A path that a submission holds; `obstacle` says why it is not opened.

    `content` returns at most so many bytes, and why there are none ("" if there are).
    """

    path: str
    content: Callable[[int], tuple[bytes, str]]
    obstacle: str = ""


class Place(NamedTuple):
    """Where a line of a module comes from: what is shown for its file, and the line's number in it."""

    file: str
    line: int


class Taken(NamedTuple):
    """What a worker imports: the text, and where each of its lines comes from if that is another file.

    `left_out` says of names that a function uses where they are bound by code that is not part of the text.
    """

    text: str
    places: Sequence[Place] = ()
    left_out: Mapping[str, Place] = MappingProxyType({})


@dataclass(frozen=True)
class Fault:
    """Why a text could not be read, in a sentence, and the names that it was to define."""

    sentence: str
    names: frozenset[str] = frozenset()


class Bindings(NamedTuple):
    """The names that a module binds at its top level; the `unwritten` ones are stubs that nobody has filled in."""

    defined: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    unwritten: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class File:
    """One .py file; with a fault, nothing of it is used."""

    path: str
    text: str
    bindings: Bindings = field(default_factory=Bindings)
    faults: tuple[Fault, ...] = ()
    left_out: Mapping[str, Place] = field(default_factory=dict)  # names that are bound by code that is not run

    @property
    def readable(self) -> bool:
        """Whether anything could be made out of it."""
        return not self.faults

    @property
    def importable(self) -> bool:
        """Whether other files may import it."""
        return not self.faults

    @property
    def module(self) -> str:
        """The path under which a worker imports it."""
        return self.path

    def spoiled(self, names: Collection[str]) -> str:
        """Return the fault that concerns these names, "" if there is none."""
        stem = self.path.rpartition("/")[2].rpartition(".")[0]
        return next((f.sentence for f in self.faults if stem in names or not f.names.isdisjoint(names)), "")

    def taken(self, names: Collection[str]) -> Taken:  # noqa: ARG002 - a module is imported whole
        """Return what a worker imports to have these names."""
        return Taken(self.text)


def read_python(path: str, content: bytes) -> File:
    """Decode and parse one file as Python itself would, except that it must be UTF-8."""
    text = with_newlines(content.decode("utf-8", "replace").removeprefix("\ufeff"))
    sentence = _encoding_problem(path, content)
    if not sentence:
        try:
            return File(path, text, bindings(parse(text).body))
        except SyntaxError as error:
            sentence = syntax_problem(f"{path} has a syntax error on line {error.lineno or 1}", text, error)
        except (ValueError, OverflowError, RecursionError, MemoryError):
            sentence = f"{path} is too deeply nested for Python: simplify it."
    return File(path, text, faults=(Fault(sentence, frozenset(_DEFINITION.findall(text))),))


def unread(path: str, obstacle: str) -> File:
    """Return the file that stands for one that is not opened."""
    return File(printable(path), "", faults=(Fault(f"{printable(path)} {obstacle}."),))


def name_problem(path: str) -> str:
    """Return why nobody can work with a file of this name, "" if one can."""
    if printable(path) != path:
        return "has characters in its name that cannot be printed: rename it"
    encoded = os.fsencode(path)
    if len(encoded) > _LONGEST_PATH or max(map(len, encoded.split(b"/"))) > _LONGEST_NAME:
        return "has too long a name: rename it"
    return ""


def with_newlines(text: str) -> str:
    """Return the text with the line ends that Python uses."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def syntax_problem(head: str, text: str, error: SyntaxError) -> str:
    """Return the sentence that begins with `head`, and below it the line with a caret under the column."""
    number = error.lineno or 1
    lines = text.split("\n")
    line = lines[number - 1] if number <= len(lines) else ""
    column = min(max((error.offset or 1) - 1, 0), len(line))
    first = 0 if column < _SHOWN_COLUMNS else column - _SHOWN_COLUMNS // 2
    shown = "".join(c if c.isprintable() else " " for c in line[first : first + _SHOWN_COLUMNS])
    return f"{head} ({error.msg}): correct it.\n    {shown}\n    {' ' * (column - first)}^"


def bindings(statements: Iterable[ast.stmt]) -> Bindings:
    """Collect what the top level binds, blocks of if, try and with included."""
    defined: set[str] = set()
    imported: set[str] = set()
    unwritten: dict[str, bool] = {}
    pending = list(statements)[::-1]
    while pending:
        node = pending.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                defined.add(node.name)
                unwritten[node.name] = does_nothing_yet(node)
            case ast.Assign():
                names = [name for target in node.targets for name in stored_names(target)]
                defined.update(names)
                unwritten.update(dict.fromkeys(names, False))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                defined.add(name)
            case ast.ImportFrom():
                imported.update(alias.asname or alias.name for alias in node.names)
            case ast.If():
                pending += node.orelse
                if not is_main_guard(node.test):
                    pending += node.body
            case ast.Try() | ast.TryStar():
                pending += [*node.body, *node.orelse, *node.finalbody]
                pending += [statement for handler in node.handlers for statement in handler.body]
            case ast.With() | ast.AsyncWith():
                pending += node.body
    return Bindings(frozenset(defined), frozenset(imported), frozenset(n for n, stub in unwritten.items() if stub))


def stored_names(target: ast.AST) -> Iterator[str]:
    """Yield the names that an assignment's target, or a whole statement, binds."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def is_main_guard(test: ast.expr) -> bool:
    """Tell `if __name__ == "__main__"`, whose block does not run when the file is imported."""
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]):
            return True
    return False


def printable(text: str) -> str:
    """Escape what a terminal or UTF-8 could not take, as a file's name may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _encoding_problem(path: str, content: bytes) -> str:
    for line in content.removeprefix(codecs.BOM_UTF8).split(b"\n", 2)[:2]:
        cookie = _COOKIE.match(line)
        if cookie:
            declared = cookie[1].decode("ascii", "replace")
            if not _UTF8_COOKIE.fullmatch(declared.lower().replace("_", "-")):
                return f"{path} declares the encoding {declared[:40]}: remove that line and save it as UTF-8."
            break
        if not _COMMENT_OR_BLANK.match(line):
            break  # Python looks at the second line only if the first holds no code
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"{path} is not UTF-8 (byte {error.start} is 0x{content[error.start]:02x}): save it as UTF-8."
    if b"\0" in content:
        return f"{path} holds a null byte (byte {content.index(0)}): save it as UTF-8 text."
    return ""
