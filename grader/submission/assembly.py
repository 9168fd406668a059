"""Makes a submission of the files that a reader found, up to what a submission may hold."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from grader.submission import limits
from grader.submission.archive import Opener
from grader.submission.contents import content_of
from grader.submission.entries import Form
from grader.submission.files import read_python, unread
from grader.submission.kinds import HEAD_BYTES, kind_of
from grader.submission.model import Fault, Problem, Submission
from grader.submission.question_answers import in_files
from grader.submission.roots import without_outer_folders
from grader.submission.sizes import OWN_CODE, Size, size_of
from grader.submission.text import printable
from grader.submission.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.submission.contents import Content
    from grader.submission.entries import Entry
    from grader.submission.model import File

_LISTED = 3  # how many files of other kinds a sentence names


def assembled(
    name: str,
    entries: Iterable[Entry],
    *,
    in_place: bool = False,
    keep_folders: bool = False,
    texts: Iterable[Entry] = (),
) -> Submission:
    """Open archives, take outer folders off unless told to keep them, and read each file as Python or as a notebook.

    What is too large or too much becomes the submission's problem, unless it comes with an archive that lies beside
    other files: then nothing of that archive is taken. `texts` are files that are read for their text alone.
    """
    opener = Opener()
    opened = [inner for entry in entries for inner in opener.opened_if_archive(entry)]
    if not in_place and not keep_folders:
        opened = without_outer_folders(opened, [entry for entry in opened if _is_source(entry)] or opened)
    listed = [*opened, *texts]
    beside = _texts(listed, [entry for entry in listed[len(opened) :] if entry.form is Form.NOTEBOOK])
    given = in_files(listed)
    examples = Texts()
    examples.add_examples(listed)
    closed = [entry for entry in opened if entry.form is Form.ARCHIVE]
    sources = [entry for entry in opened if _is_source(entry)]
    if not sources:
        others = [entry for entry in opened if entry.form in (Form.TEXT, Form.TOML, Form.EXAMPLES, Form.OTHER)]
        sentence = " ".join([_nothing_found(name, closed, others), *(a.sentence for a in given if not a.name)])
        sha256 = hashlib.sha256(sentence.encode()).hexdigest()
        answering = {answer.path for answer in given}
        is_text = [each.form is Form.TEXT or printable(each.shown) in answering for each in others]
        problem = Problem(sentence, only_text=not closed and bool(is_text) and all(is_text))
        return Submission(name, sha256, (), problem, in_place, (), tuple(beside.found), given, tuple(examples.found))
    assembly = _Assembly(name, min(entry.depth for entry in sources), beside)
    for entry in sorted(sources, key=lambda entry: (assembly.is_beside(entry), entry.shown)):
        if not assembly.add(entry):
            break
    not_read = [*assembly.not_read, *(f"{entry.shown} {entry.obstacle}." for entry in closed)]
    faults = tuple(Fault(sentence, unread=True) for sentence in not_read)
    files = _once_each(file for _, file in assembly.found)
    return Submission(
        name,
        assembly.digest.hexdigest(),
        files,
        assembly.problem,
        in_place,
        faults,
        tuple(beside.found),
        given,
        tuple(examples.found),
    )


def _texts(files: Iterable[Entry], notebooks: Iterable[Entry]) -> Texts:
    """Return what may hold answers: the files of text, and the text of notebooks whose code is not read."""
    texts = Texts()
    texts.add_files(files)
    for entry in notebooks:
        texts.add_cells(content_of(entry))
    return texts


def _is_source(entry: Entry) -> bool:
    """Tell what is read; the only entries of another form that cannot be opened are folders."""
    return entry.form in (Form.PYTHON, Form.NOTEBOOK) or (entry.form is Form.OTHER and entry.obstacle != "")


class _Assembly:
    """What was read so far."""

    def __init__(self, name: str, outermost: int, texts: Texts) -> None:
        self._name = name
        self._outermost = outermost
        self._texts = texts
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
        content = content_of(entry)
        size = _size(content)  # before it is parsed, which may take a thousand times its room
        self._code += size
        self._total += len(content.data)
        excess = self._excess(content, size)
        self._texts.add_cells(content)
        file, source = _read(content) if content.is_whole and not excess else (None, content.data)
        # No file with a null byte is ever graded, so that none can pass for one that could not be read.
        for part in (content.path.encode(), b"\0" + content.obstacle.encode() if content.obstacle else source):
            self.digest.update(len(part).to_bytes(8, "big") + part)
        if not excess:
            self.found.append((entry, file or unread(content.path, content.obstacle)))
        elif self.is_beside(entry):
            self.found = [(other, file) for other, file in self.found if not self.is_beside(other)]
            self.not_read.append(f"the archives beside other files, since {excess}")
        else:
            self.problem = Problem(excess)
        return not excess

    def _excess(self, content: Content, size: Size) -> str:  # noqa: PLR0911 - one for each limit
        if content.is_notebook and size.bytes > limits.MAX_NOTEBOOK_BYTES:
            most = limits.MAX_NOTEBOOK_BYTES // 10**6
            return f"{content.path} is larger than {most} MB: clear the outputs of its cells and save it again."
        if size.bytes > limits.MAX_FILE_BYTES:
            return f"{content.path} is larger than {limits.MAX_FILE_BYTES // 10**6} MB: hand in source code only."
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


def _size(content: Content) -> Size:
    """Return how much code a file holds: of a notebook, in its code cells; in what cannot be read, none."""
    if content.obstacle:
        return Size()
    if not content.is_whole:
        return Size(len(content.data))
    if not content.is_notebook:
        return size_of([content.data.decode("utf-8", "replace")], len(content.data))
    from grader.submission.notebook.cells import NotANotebookError, code_cells

    try:
        texts = [text for _, text in code_cells(content.path, content.data)]
    except NotANotebookError:
        return Size()
    return size_of(texts, sum(len(text.encode("utf-8", "surrogatepass")) for text in texts))


def _read(content: Content) -> tuple[File, bytes]:
    """Return a file, and what of its bytes is source code: of a notebook, the code that is taken out of its cells."""
    if not content.is_notebook:
        return read_python(content.path, content.data), content.data
    from grader.submission.notebook.reading import read_notebook

    file = read_notebook(content.path, content.data)
    return file, file.text.encode("utf-8", "surrogatepass")


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
