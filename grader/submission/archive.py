"""Opens zip archives, which are never unpacked: members are read in memory, each to a limit."""

from __future__ import annotations

import functools
import io
import re
import struct
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from grader.submission import kinds, limits
from grader.submission.entries import ENVIRONMENT_MARK, Entry, Form, is_litter
from grader.submission.members import content_of, obstacle_of, written_path
from grader.submission.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_MEMBERS = 10_000  # of all archives of a submission
MAX_DEPTH = 3  # archives in archives
_REMEDY = "zip your files again"
_MEMBER_MARK = b"PK\x01\x02"
_DRIVE = re.compile(r"[A-Za-z]:")


class NotUsableError(Exception):
    """An archive cannot be used; the text is a sentence."""


class Opener:
    """Opens the archives of one submission; what all of them hold is counted together."""

    def __init__(self) -> None:
        self._members = MAX_MEMBERS
        self._bytes = limits.MAX_READ_BYTES

    def opened(self, archive: Entry, depth: int = 1) -> list[Entry]:
        """Return what is in an archive, and in those in it, with paths that begin with its own.

        Archives in it that cannot be used stay in the list, with the reason as their obstacle.

        Raises:
            NotUsableError: it is not a zip archive, is too large, or has members whose paths point outside it.
        """
        most = min(limits.MAX_ARCHIVE_BYTES, self._bytes)
        packed, obstacle = archive.content(most + 1)
        self._bytes = max(0, self._bytes - len(packed))  # whether it can be used or not: it may be one bomb of many
        if obstacle:
            raise NotUsableError(f"{archive.shown} {obstacle}.")
        if len(packed) > most:
            why = f"larger than {most // 10**6} MB" if most == limits.MAX_ARCHIVE_BYTES else "too much, with the others"
            raise NotUsableError(f"{archive.shown} is {why}: hand in source code only.")
        self._count(archive.shown, packed)
        found = _members(archive.shown, packed)
        return [
            inner._replace(path=f"{archive.path}/{inner.path}", depth=inner.depth + 1)
            for entry in found
            for inner in self.opened_if_archive(entry, depth + 1)
        ]

    def opened_if_archive(self, entry: Entry, depth: int = 1) -> list[Entry]:
        """Return what is in an entry if it is an archive, else the entry itself."""
        if entry.form is not Form.ARCHIVE or entry.obstacle:
            return [entry]
        if depth > MAX_DEPTH:
            return [entry._replace(obstacle=f"is nested more than {MAX_DEPTH} archives deep: zip the files themselves")]
        try:
            return self.opened(entry, depth)
        except NotUsableError as error:
            return [entry._replace(obstacle=str(error).removeprefix(f"{entry.shown} ").removesuffix("."))]

    def _count(self, name: str, packed: bytes) -> None:
        members = packed.count(_MEMBER_MARK)
        if members > self._members:
            others = "" if self._members == MAX_MEMBERS else "and the other archives "
            verb = "contain" if others else "contains"
            raise NotUsableError(f"{name} {others}{verb} more than {MAX_MEMBERS} files: hand in your own files only.")
        self._members -= members


def _members(name: str, packed: bytes) -> list[Entry]:
    """Return the files of an archive that a student may have written; `name` is what sentences call the archive."""
    if (kind := kinds.foreign_kind(name, packed[: kinds.HEAD_BYTES])) and not kinds.is_zip(packed):
        raise NotUsableError(f"{name} is {kind}, which is not opened: hand in the files themselves or a zip archive.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(packed))
        members = [(_path(name, info), info) for info in archive.infolist()]
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
        OverflowError,
        OSError,
        EOFError,
        struct.error,
    ) as error:
        raise NotUsableError(f"{name} is not a zip archive, or is damaged: {_REMEDY}.") from error
    ends = f"/{ENVIRONMENT_MARK}"
    environments = {path.removesuffix(ends) for path, _ in members if path.endswith(ends)}
    own = [(path, i) for path, i in members if i.filename and not i.is_dir() and _is_own(path, environments)]
    folders = {str(folder) for path, _ in own for folder in PurePosixPath(path).parents}
    found = []
    for path, info in own:
        entry = Entry(path, functools.partial(content_of, archive, info, _REMEDY))
        if entry.form is not Form.OTHER:
            obstacle = "is both a file and a folder: rename one" if path in folders else obstacle_of(info)
            entry = entry._replace(obstacle=obstacle)
        found.append(entry)
    return found


def _path(name: str, info: zipfile.ZipInfo) -> str:
    """Return a member's path, normal and relative; what leads out of the archive is refused."""
    path = written_path(info)
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        raise NotUsableError(
            f"{name} contains {printable(path)[:200]}, a path that points outside the archive: {_REMEDY}."
        )
    return str(PurePosixPath(path))


def _is_own(path: str, environments: Collection[str]) -> bool:
    """Tell files that a student may have written from hidden files, caches and virtual environments."""
    parts = path.split("/")
    return not is_litter(path) and not any("/".join(parts[:depth]) in environments for depth in range(1, len(parts)))
