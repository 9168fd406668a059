"""Makes a submission of the files that a reader found, up to what a submission may hold."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from grader.submission import limits
from grader.submission.archive import Opener
from grader.submission.entries import Form
from grader.submission.files import read_python, unread
from grader.submission.kinds import HEAD_BYTES, foreign_kind, is_json, kind_of, looks_like_notebook
from grader.submission.measuring import OWN_CODE, Size, size_of
from grader.submission.model import Problem, Submission
from grader.submission.roots import without_outer_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.submission.entries import Entry
    from grader.submission.model import File

_LISTED = 3  # how many files of other kinds a sentence names


class _Opened(NamedTuple):
    """What an entry holds: its bytes if they are not too many, and why it cannot be used ("" if it can)."""

    content: bytes
    is_notebook: bool
    obstacle: str
    too_large: bool

    @property
    def is_script(self) -> bool:
        """Whether it can only be Python, called a notebook or not."""
        return not self.is_notebook or (len(self.content) <= limits.MAX_FILE_BYTES and not is_json(self.content))

    def size(self) -> Size:
        """Return how much code it holds: of a notebook, in its code cells; nothing in what cannot be read."""
        if self.obstacle:
            return Size()
        if self.too_large:
            return Size(len(self.content))
        if self.is_script:
            return size_of([self.content.decode("utf-8", "replace")], len(self.content))
        from grader.submission.notebook.cells import NotANotebookError, code_cells

        try:
            texts = [text for _, text in code_cells("", self.content)]
        except NotANotebookError:
            return Size()
        return size_of(texts, sum(len(text.encode("utf-8", "surrogatepass")) for text in texts))


def assembled(name: str, entries: Iterable[Entry], *, in_place: bool = False, keep_folders: bool = False) -> Submission:
    """Open archives, take outer folders off unless told to keep them, and read each file as Python or as a notebook.

    What is too large or too much becomes the submission's problem, unless it comes with an archive that lies beside
    other files: then nothing of that archive is taken.
    """
    opener = Opener()
    opened = [inner for entry in entries for inner in opener.opened_if_archive(entry)]
    if not in_place and not keep_folders:
        opened = without_outer_folders(opened, [entry for entry in opened if _is_source(entry)] or opened)
    closed = [entry for entry in opened if entry.form is Form.ARCHIVE]
    sources = [entry for entry in opened if _is_source(entry)]
    if not sources:
        others = [entry for entry in opened if entry.form is Form.OTHER]
        sentence = _nothing_found(name, closed, others)
        return Submission(name, hashlib.sha256(sentence.encode()).hexdigest(), (), Problem(sentence))
    assembly = _Assembly(name, outermost=min(entry.depth for entry in sources))
    for entry in sorted(sources, key=lambda entry: (assembly.is_beside(entry), entry.shown)):
        if not assembly.add(entry):
            break
    not_read = [*assembly.not_read, *(f"{entry.shown} {entry.obstacle}." for entry in closed)]
    files = _once_each(file for _, file in assembly.found)
    return Submission(name, assembly.digest.hexdigest(), files, assembly.problem, in_place, tuple(not_read))


def _is_source(entry: Entry) -> bool:
    """Tell what is read; the only entries of another form that cannot be opened are folders."""
    return entry.form in (Form.PYTHON, Form.NOTEBOOK) or (entry.form is Form.OTHER and entry.obstacle != "")


class _Assembly:
    """What was read so far."""

    def __init__(self, name: str, outermost: int) -> None:
        self._name = name
        self._outermost = outermost
        self._code, self._total = Size(), 0
        self.digest = hashlib.sha256()
        self.found: list[tuple[Entry, File]] = []
        self.problem: Problem | None = None
        self.not_read: list[str] = []

    def is_beside(self, entry: Entry) -> bool:
        """Tell what comes from an archive that lies beside other files."""
        return entry.depth > self._outermost

    def add(self, entry: Entry) -> bool:
        """Read an entry; return False if it is too much and reading ends."""
        opened = _opened(entry)
        size = opened.size()
        self._code += size
        self._total += len(opened.content)
        excess = self._excess(entry.shown, opened, size)
        # Parsing may take a thousand times the room of what is parsed: everything was measured before.
        file, source = (None, opened.content) if excess else _read(entry.shown, opened)
        # No file with a null byte is ever graded, so that none can pass for one that could not be read.
        for part in (entry.shown.encode(), b"\0" + opened.obstacle.encode() if opened.obstacle else source):
            self.digest.update(len(part).to_bytes(8, "big") + part)
        if file is not None:
            self.found.append((entry, file))
        elif self.is_beside(entry):
            self.found = [(other, file) for other, file in self.found if not self.is_beside(other)]
            self.not_read.append(f"the archives beside other files, since {excess}")
        else:
            self.problem = Problem(excess)
        return not excess

    def _excess(self, path: str, opened: _Opened, size: Size) -> str:  # noqa: PLR0911 - one for each limit
        if opened.is_notebook and size.bytes > limits.MAX_NOTEBOOK_BYTES:
            most = limits.MAX_NOTEBOOK_BYTES // 10**6
            return f"{path} is larger than {most} MB: clear the outputs of its cells and save it again."
        if size.bytes > limits.MAX_FILE_BYTES:
            return f"{path} is larger than {limits.MAX_FILE_BYTES // 10**6} MB: hand in source code only."
        if len(self.found) + 1 > limits.MAX_FILES:
            return f"{self._name} contains more than {limits.MAX_FILES} .py files: hand in your own files only."
        if self._code.words > limits.MAX_TOTAL_WORDS:
            return f"{self._name} has more than {limits.MAX_TOTAL_WORDS:,} words and symbols of code: {OWN_CODE}"
        if self._code.bytes > limits.MAX_TOTAL_BYTES:
            most = limits.MAX_TOTAL_BYTES // 10**6
            return f"{self._name} contains more than {most} MB of .py files: hand in your own only."
        if self._total > limits.MAX_READ_BYTES:
            most = limits.MAX_READ_BYTES // 10**6
            return f"{self._name} contains more than {most} MB of notebooks: clear their outputs and save them again."
        return ""


def _opened(entry: Entry) -> _Opened:
    """Open an entry as what its content says that it is, whatever its name says."""
    path = entry.shown
    is_notebook = entry.form is Form.NOTEBOOK
    limit = limits.MAX_NOTEBOOK_BYTES if is_notebook else limits.MAX_FILE_BYTES
    content, obstacle = entry.content(limit + 1)
    if not is_notebook and looks_like_notebook(content):
        is_notebook = True
        if len(content) > limit:  # of code alone, while a notebook has outputs
            limit = limits.MAX_NOTEBOOK_BYTES
            content, obstacle = entry.content(limit + 1)
    if not obstacle and (kind := foreign_kind(path, content[:HEAD_BYTES])):
        obstacle = f"is {kind} inside, and neither Python nor a notebook: hand in the file itself"
    return _Opened(content, is_notebook, obstacle, too_large=len(content) > limit)


def _read(path: str, opened: _Opened) -> tuple[File, bytes]:
    """Return a file, and what of its bytes is source code: of a notebook, the code of its cells alone."""
    content = opened.content
    if opened.obstacle:
        return unread(path, opened.obstacle), b""
    if not opened.is_notebook:
        return read_python(path, content), content
    if opened.is_script and (script := _script(path, content)):
        return script, content
    from grader.submission.notebook.reading import read_notebook

    file = read_notebook(path, content)
    return file, file.text.encode("utf-8", "surrogatepass")


def _script(path: str, content: bytes) -> File | None:
    """Return a Python file that is only called a notebook, None if it is nothing of the kind."""
    file = read_python(path, content)
    bound = file.bindings.defined | file.bindings.imported
    return file if bound or any(fault.names for fault in file.faults) else None


def _once_each(files: Iterable[File]) -> tuple[File, ...]:
    """Return one file for each path: two that are equal are one, and of two that differ neither is taken."""
    kept: dict[str, File] = {}
    for file in files:
        if (other := kept.setdefault(file.path, file)) is not file and (other.text, other.faults) != (
            file.text,
            file.faults,
        ):
            kept[file.path] = unread(file.path, "is there twice, and the two differ: keep one")
    return tuple(kept.values())


def _nothing_found(name: str, closed: Sequence[Entry], others: Sequence[Entry]) -> str:
    """Return the sentence on what is there where nothing could be read."""
    seen = [*closed, *others]
    if [entry.shown for entry in closed] == [name] and not others:
        return f"{name} {closed[0].obstacle}."  # the archive itself
    if not seen:
        return f"{name} contains no .py file: hand in the file that solves the exercise."
    named = [f"`{entry.shown}`, {_kind(entry)}" for entry in seen[:_LISTED]]
    if len(seen) > _LISTED:
        named.append(f"{len(seen) - _LISTED} more files of other kinds")
    listed = f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]
    remedy = "hand in the .py file or the notebook itself, or a zip archive of your files"
    return f"{name} contains no .py file or notebook, only {listed}: {remedy}."


def _kind(entry: Entry) -> str:
    kind = kind_of(entry.path, entry.open(HEAD_BYTES)[0])
    if entry.form is Form.ARCHIVE and not kind.endswith("archive"):
        return "which is not an archive"
    return f"{kind} that {entry.obstacle.partition(':')[0]}" if kind == "a zip archive" else kind
