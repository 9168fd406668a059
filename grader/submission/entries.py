"""What readers find in a folder or an archive: an entry for each file that may be source code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.submission.text import name_problem

if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIXES = (".py", ".ipynb")
SKIPPED_FOLDERS = {"__pycache__", "__MACOSX", "node_modules"}
ENVIRONMENT_MARK = "pyvenv.cfg"  # a folder that holds it is a virtual environment
LINK = "is a symbolic link, which is not followed: hand in the file itself"
NO_FILE = "is not a regular file: hand in a Python source file"


class Entry(NamedTuple):
    """A path that a submission holds; `obstacle` says why it is not opened ("" if it is).

    `open` returns at most the given number of bytes, and why it could not read them ("" if it could).
    """

    path: str
    open: Callable[[int], tuple[bytes, str]]
    obstacle: str = ""

    def content(self, most: int) -> tuple[bytes, str]:
        """Return at most `most` bytes, and why the file cannot be used ("" if it can)."""
        content, obstacle = (b"", self.obstacle) if self.obstacle else self.open(most)
        return content, name_problem(self.path) or obstacle
