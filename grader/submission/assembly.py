"""Makes a submission of the files that a reader found, up to what a submission may hold."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from grader.submission import limits
from grader.submission.files import read_python, unread
from grader.submission.measuring import OWN_CODE, Size, words
from grader.submission.model import Problem, Submission
from grader.submission.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.submission.entries import Entry
    from grader.submission.model import File


def assembled(name: str, entries: Iterable[Entry], *, in_place: bool = False) -> Submission:
    """Read each entry as Python or as a notebook; what is too large or too much becomes the submission's problem."""
    digest = hashlib.sha256()
    found: list[File] = []
    overall: Problem | None = None
    code, total = Size(), 0
    for entry in sorted(entries, key=lambda entry: entry.path):
        content, obstacle = entry.content(_limit(entry.path) + 1)
        total += len(content)
        # Parsing may take a thousand times the room of what is parsed: everything is measured before.
        whole = not obstacle and len(content) <= _limit(entry.path)
        size = _size(entry.path, content) if whole else Size(len(content))
        code += size
        overall = _excess(name, entry.path, size, len(found) + 1, code, total)
        file, source = _read(entry.path, content) if whole and not overall else (None, content)
        # No file with a null byte is ever graded, so that none can pass for one that could not be read.
        for part in (os.fsencode(entry.path), b"\0" + obstacle.encode() if obstacle else source):
            digest.update(len(part).to_bytes(8, "big") + part)
        if overall:
            break
        found.append(file or unread(entry.path, obstacle))
    if not found and not overall:
        overall = Problem(f"{name} contains no .py file: hand in the file that solves the exercise.")
    return Submission(name, digest.hexdigest(), tuple(found), overall, in_place)


def _limit(path: str) -> int:
    return limits.MAX_NOTEBOOK_BYTES if path.endswith(".ipynb") else limits.MAX_FILE_BYTES


def _size(path: str, content: bytes) -> Size:
    """Return how much code a file holds: of a notebook, in its code cells; in what cannot be read, nothing."""
    if not path.endswith(".ipynb"):
        return _parsed_size([content.decode("utf-8", "replace")], len(content))
    from grader.submission.notebook.cells import NotANotebookError, code_cells

    try:
        texts = [text for _, text in code_cells(path, content)]
    except NotANotebookError:
        return Size()
    return _parsed_size(texts, sum(len(text.encode("utf-8", "surrogatepass")) for text in texts))


def _parsed_size(texts: Iterable[str], size: int) -> Size:
    """Return the size of texts with so many bytes; of what is too large, nothing is parsed."""
    return Size(size, min(sum(map(words, texts)), limits.MAX_FILE_WORDS) if size <= limits.MAX_FILE_BYTES else 0)


def _read(path: str, content: bytes) -> tuple[File, bytes]:
    """Return a file, and what of its bytes is source code: of a notebook, the code of its cells alone."""
    if path.endswith(".ipynb"):
        from grader.submission.notebook.reading import read_notebook

        file = read_notebook(path, content)
        return file, file.text.encode("utf-8", "surrogatepass")
    return read_python(path, content), content


def _excess(  # noqa: PLR0911 - one for each limit
    name: str, path: str, size: Size, count: int, code: Size, total: int
) -> Problem | None:
    if path.endswith(".ipynb") and size.bytes > limits.MAX_NOTEBOOK_BYTES:
        most = limits.MAX_NOTEBOOK_BYTES // 10**6
        return Problem(f"{printable(path)} is larger than {most} MB: clear the outputs of its cells and save it again.")
    if size.bytes > limits.MAX_FILE_BYTES:
        most = limits.MAX_FILE_BYTES // 10**6
        return Problem(f"{printable(path)} is larger than {most} MB: hand in source code only.")
    if count > limits.MAX_FILES:
        return Problem(f"{name} contains more than {limits.MAX_FILES} .py files: hand in your own files only.")
    if code.bytes > limits.MAX_TOTAL_BYTES:
        most = limits.MAX_TOTAL_BYTES // 10**6
        return Problem(f"{name} contains more than {most} MB of .py files: hand in your own only.")
    if code.words > limits.MAX_TOTAL_WORDS:
        return Problem(f"{name} has more than {limits.MAX_TOTAL_WORDS:,} words and symbols of code: {OWN_CODE}")
    if total > limits.MAX_READ_BYTES:
        most = limits.MAX_READ_BYTES // 10**6
        return Problem(f"{name} contains more than {most} MB of notebooks: clear their outputs and save them again.")
    return None
