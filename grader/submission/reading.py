"""Reads what was handed in: chooses the reader for a file, an archive, a folder, or the course itself."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.sources import ANSWERS
from grader.errors import UsageError
from grader.faults import reading
from grader.submission.answers import Text
from grader.submission.assembly import assembled
from grader.submission.disk import content, entry
from grader.submission.entries import Entry, Form, form_of, is_litter
from grader.submission.folder import entries_below
from grader.submission.kinds import HEAD_BYTES, kind_of
from grader.submission.model import Submission
from grader.submission.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.course.model import Course

_CELLS_OF_TEXT = "Cells of text are not looked at here: they are read when you hand in the notebook."


def read_submission(path: Path) -> Submission:
    """Read a .py file, a notebook, or all of these in any nesting of a folder or of a zip archive.

    Hidden files and folders, caches and virtual environments are passed over. Symbolic links are never
    followed: this process may read the answers, and a link would hand them to the submission. An archive is never
    unpacked onto the disk, and of a notebook only definitions are taken (see `grader.submission.notebook.reading`).

    Raises:
        UsageError: there is nothing at `path`, or none of these, or it may not be read.
    """
    # Not `resolve`, which would follow a link.
    name = shown(Path(os.path.normpath(path.absolute())).name or str(path))
    with reading(path):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError as error:
            raise UsageError(f"There is no {shown(str(path))}: give the path of a .py file or a folder.") from error
        if stat.S_ISDIR(mode):
            return assembled(name, entries_below(path))
    if stat.S_ISLNK(mode):
        raise UsageError(f"{shown(str(path))} is a symbolic link: give the file or the folder that it leads to.")
    form = form_of(name)
    if stat.S_ISREG(mode) and (form in (Form.PYTHON, Form.NOTEBOOK) or (form is Form.ARCHIVE and _may_be_zip(path))):
        return assembled(name, [entry(name, path)])
    kind = kind_of(path.name, content(path, HEAD_BYTES)[0]) if stat.S_ISREG(mode) else "not a regular file"
    raise UsageError(f"{shown(str(path))} is {kind}: give a .py file, a notebook, a zip archive or a folder.")


def _may_be_zip(path: Path) -> bool:
    """Tell a zip archive, even a damaged one, from other archives: those are named as what they are."""
    return path.suffix.lower() == ".zip" or kind_of(path.name, content(path, HEAD_BYTES)[0]).startswith("a zip archive")


def read_texts(name: str, texts: Iterable[tuple[str, bytes]], *, keep_folders: bool = False) -> Submission:
    """Read texts as a submission of that name: each is what messages call it, and its bytes."""
    entries = [Entry(called, functools.partial(_beginning, text)) for called, text in texts if not is_litter(called)]
    return assembled(name, entries, keep_folders=keep_folders)


def _beginning(text: bytes, most: int) -> tuple[bytes, str]:
    return text[:most], ""


def stubs_in_place(course: Course) -> Submission:
    """Read what a student edits in the course itself as a submission: `exercises/LESSON/*.py`, and the text there."""
    entries = [
        entry(f"{lesson.name}/{path.name}", path)
        for lesson in course.lessons
        for path in sorted(lesson.folder.glob("*.py"))
        if not path.name.startswith(".")
    ]
    texts = [
        entry(f"{lesson.name}/{path.name}", path)
        for lesson in course.lessons
        for path in sorted(lesson.folder.iterdir() if lesson.folder.is_dir() else ())
        if (form_of(path.name) in (Form.TEXT, Form.NOTEBOOK, Form.EXAMPLES) and path.name != "README.md")
        or path.name == ANSWERS
        if not path.name.startswith(".")
    ]
    return assembled(course.root.name, entries, in_place=True, texts=texts)


def submission_of_cells(name: str, cells: Iterable[tuple[str, str]]) -> Submission:
    """Return the code cells of a notebook as a submission: each is what messages call it, and its text."""
    from grader.submission.notebook.reading import read_cells

    file = read_cells(name, cells)
    sha256 = hashlib.sha256(file.text.encode("utf-8", "surrogatepass")).hexdigest()
    return Submission(name, sha256, (file,), _texts=(Text("", "", sentence=_CELLS_OF_TEXT),))
