"""Where a warm judge listens: a socket and a key in a folder that only this user can open.

Workers can reach neither: they may not connect to anything (seccomp), and may not open the key (Landlock). Without the
key a judge answers nobody.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

_LONGEST = 100  # bytes of a socket's path: the system's own limit is 104 or 108


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
    base = _runtime_folder()
    if base is None:
        return None
    what = "\0".join((str(root), sys.prefix, sys.version, tempfile.gettempdir()))
    return _usable(Place(base, hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:16]))


def private_place() -> Place | None:
    """Return a place that nobody else knows, in a new folder that its owner deletes; None if it cannot be had."""
    return _usable(Place(Path(tempfile.mkdtemp(prefix="grade-judge-")), "judge"))


def _usable(place: Place) -> Place | None:
    return place if len(os.fsencode(place.socket)) <= _LONGEST else None


def _runtime_folder() -> Path | None:
    """Return the folder for the judges of this user; None if it cannot be made, or is open to anybody else."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and is_private(Path(given)):
        folder = Path(given) / "grade"
    else:
        folder = Path(tempfile.gettempdir()) / f"grade-of-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return folder if is_private(folder) else None


def is_private(folder: Path) -> bool:
    """Tell whether a folder is this user's own and closed to all others; somebody else may have made it, or a link."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077
