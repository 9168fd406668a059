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
NO_FILE = "is no regular file: hand in a file of Python source"


class Entry(NamedTuple):
    """A path that a submission holds; `obstacle` says why it is not opened ("" if it is).

    `open` returns at most so many bytes, and why there are none ("" if there are).
    """

    path: str
    open: Callable[[int], tuple[bytes, str]]
    obstacle: str = ""

    def content(self, most: int) -> tuple[bytes, str]:
        """Return at most so many bytes, and why nobody can work with it ("" if one can)."""
        content, obstacle = (b"", self.obstacle) if self.obstacle else self.open(most)
        return content, name_problem(self.path) or obstacle
