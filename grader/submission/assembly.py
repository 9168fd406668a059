"""Makes a submission of the files that a reader found, up to what a submission may hold."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from grader.submission import limits
from grader.submission.files import read_python, unread
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
    code = total = 0
    for entry in sorted(entries, key=lambda entry: entry.path):
        content, obstacle = entry.content(_limit(entry.path) + 1)
        total += len(content)
        file, source = _read(entry.path, content, obstacle)
        code += len(source)
        overall = _excess(name, entry.path, len(source), len(found) + 1, code, total)
        # No file with a null byte is ever graded, so that none can pass for one that could not be read.
        for part in (os.fsencode(entry.path), b"\0" + obstacle.encode() if obstacle else source):
            digest.update(len(part).to_bytes(8, "big") + part)
        if overall:
            break
        found.append(file)
    if not found and not overall:
        overall = Problem(f"{name} contains no .py file: hand in the file that solves the exercise.")
    return Submission(name, digest.hexdigest(), tuple(found), overall, in_place)


def _limit(path: str) -> int:
    return limits.MAX_NOTEBOOK_BYTES if path.endswith(".ipynb") else limits.MAX_FILE_BYTES


def _read(path: str, content: bytes, obstacle: str) -> tuple[File, bytes]:
    """Return a file, and what of its bytes is source code: of a notebook, the code of its cells alone."""
    if obstacle or len(content) > _limit(path):
        return unread(path, obstacle), content
    if path.endswith(".ipynb"):
        from grader.submission.notebook.reading import read_notebook

        file = read_notebook(path, content)
        return file, file.text.encode("utf-8", "surrogatepass")
    return read_python(path, content), content


def _excess(name: str, path: str, size: int, count: int, code: int, total: int) -> Problem | None:
    if path.endswith(".ipynb") and size > limits.MAX_NOTEBOOK_BYTES:
        most = limits.MAX_NOTEBOOK_BYTES // 10**6
        return Problem(f"{printable(path)} is larger than {most} MB: clear the outputs of its cells and save it again.")
    if size > limits.MAX_FILE_BYTES:
        most = limits.MAX_FILE_BYTES // 10**6
        return Problem(f"{printable(path)} is larger than {most} MB: hand in source code only.")
    if count > limits.MAX_FILES:
        return Problem(f"{name} contains more than {limits.MAX_FILES} .py files: hand in your own files only.")
    if code > limits.MAX_TOTAL_BYTES:
        most = limits.MAX_TOTAL_BYTES // 10**6
        return Problem(f"{name} contains more than {most} MB of .py files: hand in your own only.")
    if total > limits.MAX_READ_BYTES:
        most = limits.MAX_READ_BYTES // 10**6
        return Problem(f"{name} contains more than {most} MB of notebooks: clear their outputs and save them again.")
    return None
