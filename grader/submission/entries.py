"""What readers find in a folder or an archive: an entry for each file, and what its name says that it is."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from grader.submission.text import name_problem, shown

if TYPE_CHECKING:
    from collections.abc import Callable

SKIPPED_FOLDERS = {"__pycache__", "__MACOSX", "node_modules", "site-packages"}
_LITTER = {"thumbs.db", "desktop.ini"}
ENVIRONMENT_MARK = "pyvenv.cfg"  # a folder that holds it is a virtual environment
LINK = "is a symbolic link, which is not followed: hand in the file itself"
NO_FILE = "is not a regular file: hand in a Python source file"


class Form(Enum):
    """What the name of a file says that it is."""

    PYTHON = auto()
    NOTEBOOK = auto()
    ARCHIVE = auto()
    TEXT = auto()
    TOML = auto()
    EXAMPLES = auto()
    OTHER = auto()


# What browsers, Windows and wget put behind an ending that they do not know, or that is there already.
_NUMBERED = r"(?:\.\d{1,2}| ?\(\d{1,3}\))?"
_ADDED = rf"(?:\.txt|{_NUMBERED})?"
_ENDINGS = (
    (re.compile(rf"\.py{_ADDED}$", re.IGNORECASE), Form.PYTHON),
    (re.compile(rf"\.ipynb(?:\.json)?{_ADDED}$", re.IGNORECASE), Form.NOTEBOOK),
    (re.compile(r"\.(?:zip|rar|7z|tar|tgz|tar\.\w{1,4})$", re.IGNORECASE), Form.ARCHIVE),
    (re.compile(rf"\.toml{_ADDED}$", re.IGNORECASE), Form.TOML),
    (re.compile(rf"\.examples{_ADDED}$", re.IGNORECASE), Form.EXAMPLES),
    (re.compile(rf"\.(?:md|markdown){_ADDED}$|\.txt{_NUMBERED}$", re.IGNORECASE), Form.TEXT),
)


def form_of(path: str) -> Form:
    """Return what a file is by its name."""
    return next((form for ending, form in _ENDINGS if ending.search(path)), Form.OTHER)


def is_litter(path: str) -> bool:
    """Tell what systems, editors and installers leave behind: hidden files, caches, packages."""
    parts = path.split("/")
    return any(part.startswith(".") or part in SKIPPED_FOLDERS for part in parts) or parts[-1].lower() in _LITTER


def stem_of(path: str) -> str:
    """Return a file's name without folders and without the ending by which its form was told."""
    name = path.rpartition("/")[2]
    return next((name[: found.start()] for ending, _ in _ENDINGS if (found := ending.search(name))), name)


class Entry(NamedTuple):
    """A path that a submission holds; `obstacle` says why it is not opened ("" if it is).

    `open` returns at most the given number of bytes, and why it could not read them ("" if it could).
    """

    path: str
    open: Callable[[int], tuple[bytes, str]]
    obstacle: str = ""
    depth: int = 0  # how many archives it lies in

    @property
    def form(self) -> Form:
        """What it is by its name."""
        return form_of(self.path)

    @property
    def shown(self) -> str:
        """What messages call it."""
        return shown(self.path)

    def content(self, most: int) -> tuple[bytes, str]:
        """Return at most `most` bytes, and why the file cannot be used ("" if it can)."""
        content, obstacle = (b"", self.obstacle) if self.obstacle else self.open(most)
        return content, name_problem(self.shown) or obstacle
