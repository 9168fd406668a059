"""Opens a file as what its content says that it is, whatever its name says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grader.submission import limits
from grader.submission.entries import Form
from grader.submission.kinds import HEAD_BYTES, foreign_kind, is_json, looks_like_notebook

if TYPE_CHECKING:
    from grader.submission.entries import Entry

_PYTHON_LINE = re.compile(rb"^[ \t]*(?:def|class|import|from|async def|@\w+)\b", re.MULTILINE)


class Content(NamedTuple):
    """The bytes of a file, up to one more than it may have; `obstacle` says why it is not read ("" if it is)."""

    path: str
    data: bytes
    is_notebook: bool
    obstacle: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it can be read and is not too large."""
        return not self.obstacle and len(self.data) <= _most(is_notebook=self.is_notebook)


def content_of(entry: Entry) -> Content:
    """Return what a file holds: Python in a file that is called a notebook is Python, and the other way round."""
    path = entry.shown
    is_notebook = entry.form is Form.NOTEBOOK
    data, obstacle = entry.content(_most(is_notebook=is_notebook) + 1)
    if not is_notebook and looks_like_notebook(data):
        is_notebook = True
        if len(data) > limits.MAX_FILE_BYTES:  # of code alone, while a notebook has outputs
            data, obstacle = entry.content(limits.MAX_NOTEBOOK_BYTES + 1)
    elif is_notebook and not is_json(data) and _PYTHON_LINE.search(data):
        is_notebook = False
    if not obstacle and (kind := foreign_kind(path, data[:HEAD_BYTES])):
        plain = kind.removesuffix(" under another name")
        obstacle = f"is really {plain}, not Python or a notebook: hand in the code itself"
    return Content(path, data, is_notebook, obstacle)


def _most(*, is_notebook: bool) -> int:
    return limits.MAX_NOTEBOOK_BYTES if is_notebook else limits.MAX_FILE_BYTES
