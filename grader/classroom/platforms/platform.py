"""What a platform's module has to say, and what it returns."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from grader.classroom.platforms.download import Download
    from grader.classroom.roster import Roster
    from grader.submission.entries import Entry

SOURCES = (".py", ".zip", ".ipynb")  # what a folder's entry ends with if it is a hand-in
DISGUISED = (".py.txt", ".ipynb.txt")  # what browsers make of some


class Person(NamedTuple):
    """A student: what the platform tells people apart by, and what people call them."""

    key: str
    name: str

    @property
    def label(self) -> str:
        """What messages call the student."""
        return self.name if self.name in ("", self.key) else f"{self.name} ({self.key})"


class HandedIn(NamedTuple):
    """One hand-in: whose it is, its files as the student named them, its text entries as HTML.

    Without `people`, nobody can tell whose it is, and `problem` says why. `submitted_at` is in ISO 8601 form; it and
    `late` are None where the platform does not say. `returned` are the names under which the platform takes changed
    copies of `files` back, in their order, if it does.
    """

    label: str
    people: tuple[Person, ...]
    files: tuple[Entry, ...] = ()
    texts: tuple[Entry, ...] = ()
    links: int = 0
    place: Path | None = None  # the file or the folder that `files` are, where they lie on the disk alone
    submitted_at: str | None = None
    late: bool | None = None
    problem: str = ""
    remarks: tuple[str, ...] = ()
    group_unknown: bool = False  # it is a group's, and counts only for `people`
    returned: tuple[str, ...] = ()
    handin: str = ""  # what the gradebook calls it; the names of its files if not given


class Found(NamedTuple):
    """The hand-ins of a download, and the names of its other files."""

    handed_in: Sequence[HandedIn]
    ignored: Sequence[str] = ()


class Platform(NamedTuple):
    """A platform: its name in `--from`, its name in sentences, and how its downloads are read.

    `columns` are those of a roster that tell people apart there, the best first; with `digits`, only the digits at the
    end of a cell do. Without columns, it is the one whose cells are the names of the hand-ins.
    """

    key: str
    title: str
    recognise: Callable[[Download], bool]
    find: Callable[[Download, Roster], Found]
    columns: tuple[str, ...]
    digits: bool = False


def could_be_handins(download: Download) -> list[str]:
    """Return the names at the top that would each be a hand-in, if no platform had made the download."""
    return [name for name in download.top() if name in download.folders or name.lower().endswith(SOURCES)]


def letters(name: str) -> str:
    """Return what is left of a name wherever it is written: its letters and digits, in alphabetical order."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return "".join(sorted(c for c in plain if c.isalnum()))


def label_of(people: Sequence[Person]) -> str:
    """Return what messages call everybody whose a hand-in is."""
    return ", ".join(person.label for person in people)
