"""Where a warm judge listens: a socket and a key in a folder that only this user can open.

Workers can reach neither: they may not connect to anything (seccomp), and may not open the key (Landlock). Without the
key a judge answers nobody.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 100  # bytes of a socket's path: the system's own limit is 104 or 108
_SHORT = "/tmp"


class Place(NamedTuple):
    """The folder of a judge, and what its files there are called."""

    folder: Path
    name: str

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / f"{self.name}.sock"

    @property
    def key(self) -> Path:
        """The file that holds what a client must know."""
        return self.folder / f"{self.name}.key"

    @property
    def lock(self) -> Path:
        """The file that the one judge of this place holds locked as long as it lives."""
        return self.folder / f"{self.name}.lock"


def shared_place(root: Path) -> Place | None:
    """Return the place for the judge of a course's folder, one a user, Python and folder; None if there is none."""
    what = "\0".join((str(root), sys.prefix, sys.version, tempfile.gettempdir()))
    name = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    place = next(filter(_is_short, (Place(folder, name) for folder in _runtime_folders())), None)
    if place is None:
        return None
    with contextlib.suppress(OSError):
        place.folder.mkdir(mode=0o700, exist_ok=True)
    return place if is_private(place.folder) else None


def private_place() -> Place | None:
    """Return a place that nobody else knows, in a new folder that its owner deletes; None if it cannot be had."""
    for base in (tempfile.gettempdir(), _SHORT):
        if _is_short(Place(Path(base) / "grade-judge-12345678", "judge")):
            with contextlib.suppress(OSError):
                return Place(Path(tempfile.mkdtemp(prefix="grade-judge-", dir=base)), "judge")
    return None


def _is_short(place: Place) -> bool:
    return len(os.fsencode(place.socket)) <= _LONGEST


def _runtime_folders() -> Iterator[Path]:
    """Yield where the judges of this user may listen, if the path is short enough for a socket's."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and is_private(Path(given)):
        yield Path(given) / "grade"
    for base in (tempfile.gettempdir(), _SHORT):
        yield Path(base) / f"grade-of-{os.geteuid()}"


def is_private(folder: Path) -> bool:
    """Tell whether a folder is this user's own and closed to all others; somebody else may have made it, or a link."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077
