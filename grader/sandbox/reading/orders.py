"""What the judge, the reading server and its children say to each other: one typed struct a message.

Paths and texts travel as bytes, because neither need be valid UTF-8.
"""

from __future__ import annotations

import msgspec

# --- what is to be read ------------------------------------------------------------------------------------------


class Path(msgspec.Struct, tag="path", frozen=True):
    """A file, an archive or a folder that somebody named."""

    path: bytes


class Texts(msgspec.Struct, tag="texts", frozen=True):
    """Texts at hand: each is what messages call it, and its bytes."""

    name: bytes
    texts: list[tuple[bytes, bytes]]
    keep_folders: bool = False


class Cells(msgspec.Struct, tag="cells", frozen=True):
    """The code cells of a notebook: each is what messages call it, and its text."""

    name: bytes
    cells: list[tuple[bytes, bytes]]


class Stubs(msgspec.Struct, tag="stubs", frozen=True):
    """What a student edits in a course itself: its folder, and those of its lessons."""

    root: bytes
    lessons: list[tuple[str, bytes]]


Wanted = Path | Texts | Cells | Stubs

# --- judge to reading server, and back -----------------------------------------------------------------------------


class Read(msgspec.Struct, tag="read", frozen=True):
    """Fork a child that reads; what, follows as the frame's buffer, and the descriptor of its channel after that.

    It reads in the folder `work`. It is confined where there is a system call filter.
    """

    work: bytes
    abi: int
    program: bytes | None
    memory_bytes: int
    cpu_seconds: int


class Forked(msgspec.Struct, tag="forked", frozen=True):
    """The new child's process id."""

    pid: int


class Reap(msgspec.Struct, tag="reap", frozen=True):
    """Wait for a child that has ended or is about to; say how it ended."""

    pid: int


class Ended(msgspec.Struct, tag="ended", frozen=True):
    """A child's wait status (as of `os.waitpid`), and what it used."""

    status: int
    cpu_seconds: float
    peak_bytes: int


ToServer = Read | Reap

# --- child to judge ------------------------------------------------------------------------------------------------


class Made(msgspec.Struct, tag="made", frozen=True):
    """The submission, whose model follows as the frame's buffer."""


class Refused(msgspec.Struct, tag="refused", frozen=True):
    """What was named cannot be read: the text of a `UsageError`."""

    sentence: str


class OutOfRoom(msgspec.Struct, tag="out-of-room", frozen=True):
    """Reading needs more memory than there may be, or its model is too large to travel."""


class MachineFailed(msgspec.Struct, tag="machine", frozen=True):
    """The machine lacks something: an `OSError` that says nothing about the hand-in."""

    number: int
    message: str


class Broke(msgspec.Struct, tag="broke", frozen=True):
    """Reading raised what it should never raise."""

    error: str
    traceback: str


FromChild = Made | Refused | OutOfRoom | MachineFailed | Broke
