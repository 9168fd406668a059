"""Reads a .py file or a folder into the source of each exercise, without ever running it."""

import ast
import codecs
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from grader.course import Course, Exercise, Function, closest, parse
from grader.errors import UsageError

MAX_FILE_BYTES = 1_000_000
MAX_TOTAL_BYTES = 8_000_000
MAX_FILES = 500

_SKIPPED_FOLDERS = {"__pycache__", "node_modules"}
_LISTED_FILES = 8  # how many files a sentence names before it only counts them
_COMPARED_NAMES = 1000  # comparing is slow, and a hostile file may define any number
_SIMILAR = 0.75  # `reverse` is 0.78 like `reverse_step`
_SHOWN_COLUMNS = 80  # how much of a long line is shown around a syntax error
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UTF8_COOKIE = re.compile(r"u8|utf-?8(-.*)?")
_COMMENT_OR_BLANK = re.compile(rb"[ \t\f]*(#.*)?\r?$")


@dataclass(frozen=True)
class Source:
    """What an exercise may import: each readable file by path, and the file that defines each function."""

    files: Mapping[str, str]
    modules: Mapping[str, str]


@dataclass(frozen=True)
class Problem:
    """Why an exercise cannot be graded: what was found, where, and the remedy, as every check of it then says.

    The first line is a sentence; the offending line of the source may follow.
    """

    sentence: str


@dataclass(frozen=True)
class Submission:
    """A submission as it was read; `sha256` depends on the content of its .py files and on nothing else.

    `problem` is what keeps all of it from being graded.
    """

    name: str
    sha256: str
    _files: tuple["_File", ...] = field(repr=False)
    problem: Problem | None = None
    _in_place: bool = False

    def source_of(self, exercise: Exercise) -> Source | Problem:
        """Return the source of an exercise, or the problem that keeps it from being graded.

        Each of the exercise's functions must be defined at the top level of exactly one file. Of stubs in
        place that is the exercise's own: two of them may have a helper of the same name.
        """
        if self.problem:
            return self.problem
        files = searched = self._files
        if self._in_place:
            files = tuple(file for file in files if file.path.startswith(f"{exercise.lesson}/"))
            searched = tuple(file for file in files if file.path == f"{exercise.lesson}/{exercise.name}.py")
        for file in searched:
            if file.problem and _concerns(file, exercise):
                return Problem(file.problem)
        modules: dict[str, str] = {}
        for function in exercise.functions:
            homes = _homes(function.name, searched)
            if len(homes) != 1:
                return _ambiguous(function.name, homes) if homes else self._missing(function, exercise, searched)
            modules[function.name] = homes[0]
        return Source({file.path: file.text for file in files if not file.problem}, modules)

    def _missing(self, function: Function, exercise: Exercise, files: tuple["_File", ...]) -> Problem:
        read = [file.path for file in files if not file.problem]
        listed = "" if read == [self.name] or not read else f" (read: {_listing(read)})"
        definition = f"def {function.name}({', '.join(function.parameters) or '...'})"
        sentence = f"`{function.name}` was not found in {self.name}{listed}: define `{definition}`"
        # Another exercise of the lesson may have a similar name, and is no misspelling.
        others = {path.stem for path in exercise.stub.parent.glob("*.py")}
        defined = {name for file in files for name in file.bindings.defined}
        similar = _similar(function.name, defined - others)
        sentence += f"; did you mean to rename `{similar}`?" if similar else "."
        unread = [f"Not read: {file.problem}" for file in files if file.problem]
        return Problem("\n".join([sentence, *unread[:_LISTED_FILES]]))


class _Bindings(NamedTuple):
    """The names that a module binds at its top level."""

    defined: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _File:
    """One .py file; with a `problem`, `text` is only what could be made out of it."""

    path: str
    text: str
    bindings: _Bindings = field(default_factory=_Bindings)
    problem: str = ""


class _Entry(NamedTuple):
    """A path of a submission and where it is on disk; `obstacle` says why it is not opened."""

    path: str
    location: Path
    obstacle: str = ""


def read_submission(path: Path) -> Submission:
    """Read a .py file, or every .py file in any nesting of a folder.

    Hidden files and folders, caches and virtual environments are passed over. Symbolic links are never
    followed: this process may read the answers, and a link would hand them to the submission.

    Raises:
        UsageError: there is nothing at `path`, or neither a .py file nor a folder, or it may not be read.
    """
    # Not `resolve`, which would follow a link.
    name = _printable(Path(os.path.normpath(path.absolute())).name or str(path))
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            return _submission(name, _entries(path))
    except FileNotFoundError as error:
        raise UsageError(f"There is no {path}: give the path of a .py file or of a folder.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): allow it to be read.") from error
    if stat.S_ISLNK(mode):
        raise UsageError(f"{path} is a symbolic link: give the file or the folder that it leads to.")
    if stat.S_ISREG(mode) and path.suffix == ".py":
        return _submission(name, [_Entry(name, path)])
    raise UsageError(f"{path} is neither a .py file nor a folder: give one of these.")


def stubs_in_place(course: Course) -> Submission:
    """Read what a student edits in the course itself, `exercises/LESSON/*.py`, as a submission."""
    entries = [
        _entry(f"{lesson.name}/{path.name}", path)
        for lesson in course.lessons
        for path in sorted(lesson.folder.glob("*.py"))
        if not path.name.startswith(".")
    ]
    return _submission(course.root.name, entries, in_place=True)


def _submission(name: str, entries: Iterable[_Entry], in_place: bool = False) -> Submission:
    digest = hashlib.sha256()
    files: list[_File] = []
    total = 0
    overall: Problem | None = None
    for entry in sorted(entries):
        content, obstacle = (b"", entry.obstacle) if entry.obstacle else _content(entry.location)
        total += len(content)
        overall = _excess(name, entry.path, len(content), len(files) + 1, total)
        # No file with a null byte is ever graded, so that none can pass for one that could not be read.
        for part in (os.fsencode(entry.path), b"\0" + obstacle.encode() if obstacle else content):
            digest.update(len(part).to_bytes(8, "big") + part)
        if overall:
            break
        files.append(_unread(entry.path, obstacle) if obstacle else _read(entry.path, content))
    if not files and not overall:
        overall = Problem(f"{name} holds no .py file: hand in the file in which you solved the exercise.")
    return Submission(name, digest.hexdigest(), tuple(files), overall, in_place)


def _excess(name: str, path: str, size: int, count: int, total: int) -> Problem | None:
    if size > MAX_FILE_BYTES:
        return Problem(f"{_printable(path)} is larger than {MAX_FILE_BYTES // 10**6} MB: hand in source code only.")
    if count > MAX_FILES:
        return Problem(f"{name} holds more than {MAX_FILES} .py files: hand in your own files only.")
    if total > MAX_TOTAL_BYTES:
        return Problem(f"{name} holds more than {MAX_TOTAL_BYTES // 10**6} MB of .py files: hand in your own only.")
    return None


def _entries(root: Path) -> Iterator[_Entry]:
    """Yield the .py files below a folder, and the folders that cannot be opened.

    Walks with a list of its own: `os.walk` recurses, and a thousand nested folders would end it.
    """
    folders = [("", root)]
    found = 0
    while folders and found <= MAX_FILES:
        prefix, folder = folders.pop()
        try:
            with os.scandir(folder) as scan:
                listed = sorted(scan, key=lambda item: item.name)
        except OSError as error:
            if not prefix:
                raise
            yield _Entry(prefix, folder, f"is a folder and {_unopened(error)}")
            continue
        for item in listed:
            path = f"{prefix}/{item.name}" if prefix else item.name
            location = folder / item.name
            if item.name.startswith("."):
                continue
            if item.is_dir(follow_symlinks=False):
                if item.name not in _SKIPPED_FOLDERS and not os.path.lexists(location / "pyvenv.cfg"):
                    folders.append((path, location))
            elif item.name.endswith(".py"):
                found += 1
                yield _entry(path, location)


def _entry(path: str, location: Path) -> _Entry:
    """Return the entry of a path that a submission holds; only a regular file is ever opened."""
    try:
        mode = location.lstat().st_mode
    except OSError as error:
        return _Entry(path, location, _unopened(error))
    if stat.S_ISLNK(mode):
        return _Entry(path, location, "is a symbolic link, which is not followed: hand in the file itself")
    if not stat.S_ISREG(mode):
        return _Entry(path, location, "is no regular file: hand in a file of Python source")
    return _Entry(path, location)


def _content(location: Path) -> tuple[bytes, str]:
    """Return at most one byte more than is allowed, and why it could not be read ("" if it could)."""
    # The file may have been exchanged since it was looked at: refuse a link, and never wait for a pipe.
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # no system has them all
        flags |= getattr(os, name, 0)
    try:
        with os.fdopen(os.open(location, flags), "rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1) or b"", ""
    except OSError as error:
        return b"", _unopened(error)


def _unopened(error: OSError) -> str:
    return f"cannot be read ({error.strerror}): allow it to be read"


def _unread(path: str, obstacle: str) -> _File:
    return _File(_printable(path), "", problem=f"{_printable(path)} {obstacle}.")


def _read(path: str, content: bytes) -> _File:
    """Decode and parse one file as Python itself would, except that it must be UTF-8."""
    shown = _printable(path)
    if shown != path:
        return _unread(path, "has characters in its name that cannot be printed: rename it")
    text = content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    problem = _encoding_problem(path, content)
    if problem:
        return _File(path, text, problem=problem)
    try:
        return _File(path, text, _bindings(parse(text)))
    except SyntaxError as error:
        return _File(path, text, problem=_syntax_problem(path, text, error))
    except (ValueError, OverflowError, RecursionError, MemoryError):
        return _File(path, text, problem=f"{path} is too deeply nested for Python: simplify it.")


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


def _syntax_problem(path: str, text: str, error: SyntaxError) -> str:
    """Return the sentence, and below it the line with a caret under the column."""
    number = error.lineno or 1
    lines = text.split("\n")
    line = lines[number - 1] if number <= len(lines) else ""
    column = min(max((error.offset or 1) - 1, 0), len(line))
    first = 0 if column < _SHOWN_COLUMNS else column - _SHOWN_COLUMNS // 2
    shown = "".join(c if c.isprintable() else " " for c in line[first : first + _SHOWN_COLUMNS])
    head = f"{path} has a syntax error on line {number} ({error.msg}): correct it."
    return f"{head}\n    {shown}\n    {' ' * (column - first)}^"


def _bindings(tree: ast.Module) -> _Bindings:
    """Collect what the top level binds, blocks of if, try and with included."""
    defined: set[str] = set()
    imported: set[str] = set()
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        node = pending.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                defined.add(node.name)
            case ast.Assign():
                defined.update(name for target in node.targets for name in _names(target))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                defined.add(name)
            case ast.ImportFrom():
                imported.update(alias.asname or alias.name for alias in node.names)
            case ast.If():
                pending += node.orelse
                if not _is_main_guard(node.test):
                    pending += node.body
            case ast.Try() | ast.TryStar():
                pending += [*node.body, *node.orelse, *node.finalbody]
                pending += [statement for handler in node.handlers for statement in handler.body]
            case ast.With() | ast.AsyncWith():
                pending += node.body
    return _Bindings(frozenset(defined), frozenset(imported))


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _is_main_guard(test: ast.expr) -> bool:
    """Tell `if __name__ == "__main__"`, whose block does not run when the file is imported."""
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]):
            return True
    return False


def _concerns(file: _File, exercise: Exercise) -> bool:
    """Tell whether an unreadable file was to define one of the exercise's functions."""
    names = {exercise.name, *(function.name for function in exercise.functions)}
    if Path(file.path).stem in names:
        return True
    return any(re.search(rf"\bdef\s+{re.escape(name)}\b", file.text) for name in names)


def _homes(name: str, files: tuple[_File, ...]) -> list[str]:
    """Return the files that define a name; an import counts only where nothing else binds it."""
    defining = [file.path for file in files if name in file.bindings.defined]
    return defining or [file.path for file in files if name in file.bindings.imported]


def _ambiguous(name: str, homes: list[str]) -> Problem:
    *others, last = (
        homes if len(homes) <= _LISTED_FILES else [*homes[: _LISTED_FILES - 1], f"{len(homes)} files in all"]
    )
    return Problem(f"`{name}` is defined in {', in '.join(others)} and in {last}: keep one.")


def _similar(name: str, defined: Iterable[str]) -> str | None:
    """Return a name that was likely meant: `reverseStep` or `reverse_steps` for `reverse_step`."""
    candidates = [found for found in sorted(defined) if len(found) <= 2 * len(name)][:_COMPARED_NAMES]
    plain = {_letters(found): found for found in candidates}
    match = closest(_letters(name), plain, cutoff=_SIMILAR)
    return plain[match] if match else None


def _letters(name: str) -> str:
    return name.lower().replace("_", "")


def _listing(paths: list[str]) -> str:
    more = len(paths) - _LISTED_FILES
    return ", ".join(paths[:_LISTED_FILES]) + (f" and {more} more" if more > 0 else "")


def _printable(text: str) -> str:
    """Escape what a terminal or UTF-8 could not take, as a file's name may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
