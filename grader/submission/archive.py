"""Reads a zip archive, which is never unpacked: members are read in memory, each to a limit."""

from __future__ import annotations

import functools
import hashlib
import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from grader.submission import disk, limits
from grader.submission.assembly import assembled
from grader.submission.entries import ENVIRONMENT_MARK, LINK, NO_FILE, SKIPPED_FOLDERS, SUFFIXES, Entry
from grader.submission.model import Problem, Submission
from grader.submission.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

MAX_ARCHIVE_BYTES = 64_000_000
MAX_MEMBERS = 10_000
MAX_RATIO = 500  # how many times its packed size a large member may have; honest text stays far below
_LARGE = 1_000_000

_MEMBER_MARK = b"PK\x01\x02"
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others cannot be unpacked to a limit
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
_DRIVE = re.compile(r"[A-Za-z]:")


class _NotUsableError(Exception):
    """The whole archive cannot be used; the text is a sentence."""


def read_archive(name: str, path: Path) -> Submission:
    """Read the source files of an archive as a submission of that name."""
    packed, obstacle = disk.content(path, MAX_ARCHIVE_BYTES + 1)
    try:
        if obstacle:
            raise _NotUsableError(f"{name} {obstacle}.")
        entries = _entries(name, packed)
    except _NotUsableError as error:
        return Submission(name, hashlib.sha256(packed).hexdigest(), (), Problem(str(error)))
    return assembled(name, entries)


def _entries(name: str, packed: bytes) -> list[Entry]:
    """Return the source files of an archive.

    A folder that everything lies in is taken for the submission itself, unless one of its files imports by its name.

    Raises:
        _NotUsableError: it is not a zip archive, is too large, or has members whose paths point outside it.
    """
    if len(packed) > MAX_ARCHIVE_BYTES:
        raise _NotUsableError(f"{name} is larger than {MAX_ARCHIVE_BYTES // 10**6} MB: hand in source code only.")
    if packed.count(_MEMBER_MARK) > MAX_MEMBERS:
        raise _NotUsableError(f"{name} contains more than {MAX_MEMBERS} files: hand in your own files only.")
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
        raise _NotUsableError(f"{name} is not a zip archive, or is damaged: zip your files again.") from error
    ends = f"/{ENVIRONMENT_MARK}"
    environments = {path.removesuffix(ends) for path, _ in members if path.endswith(ends)}
    own = [(path, info) for path, info in members if _is_own(path, environments)]
    times = Counter(path for path, _ in own)
    folders = {str(folder) for path, _ in own for folder in PurePosixPath(path).parents}
    found = []
    for path, info in own:
        if path.endswith(SUFFIXES) and not info.is_dir():
            obstacle = _obstacle(info)
            if times[path] > 1:
                obstacle = "is in the archive twice: keep one"
            elif path in folders:
                obstacle = "is both a file and a folder: rename one"
            found.append(Entry(path, functools.partial(_content, archive, info), obstacle))
    found = list({entry.path: entry for entry in found}.values())
    if not found and any(path.lower().endswith(_ARCHIVES) for path, _ in own):
        raise _NotUsableError(
            f"{name} contains no .py file, only another archive, which is not opened: zip the files themselves."
        )
    return _without_outer_folder(found)


def _path(name: str, info: zipfile.ZipInfo) -> str:
    """Return a member's path, normal and relative; what leads out of the archive is refused."""
    path = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:  # many programs write UTF-8 without saying so
            path = path.encode("cp437").decode("utf-8")
        except UnicodeError:
            path = info.filename
    path = path.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        raise _NotUsableError(
            f"{name} contains {printable(path)[:200]}, a path that points outside the archive: zip your files again."
        )
    return str(PurePosixPath(path))


def _is_own(path: str, environments: Collection[str]) -> bool:
    """Tell files that a student may have written from hidden files, caches and virtual environments."""
    parts = path.split("/")
    if any(part.startswith(".") or part in SKIPPED_FOLDERS for part in parts):
        return False
    return not any("/".join(parts[:depth]) in environments for depth in range(1, len(parts)))


def _obstacle(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if stat.S_ISLNK(kind):
        return LINK
    if kind and not stat.S_ISREG(kind):
        return NO_FILE
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted: zip it without a password"
    if info.compress_type not in _METHODS:
        return "is compressed with a method that is not supported: zip it with the usual settings"
    return ""


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> tuple[bytes, str]:
    """Return at most `most` bytes of a member, and why it could not be read ("" if it could)."""
    try:
        with archive.open(info) as stream:
            data = stream.read(most)
    except (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, ValueError, EOFError, OSError):
        return b"", "is damaged in the archive: zip your files again"
    if len(data) > max(_LARGE, MAX_RATIO * info.compress_size):
        return b"", "is compressed to a suspiciously small size: hand in source code only"
    return data, ""


def _without_outer_folder(found: list[Entry]) -> list[Entry]:
    """Take a folder that all files lie in off their paths: to zip a folder is to hand in what is in it."""
    outer, _, _ = found[0].path.partition("/") if found else ("", "", "")
    if not found or not all(entry.path.startswith(f"{outer}/") for entry in found) or _imported(outer, found):
        return found
    return [entry._replace(path=entry.path.removeprefix(f"{outer}/")) for entry in found]


def _imported(folder: str, found: Sequence[Entry]) -> bool:
    statement = re.compile(rb"^[ \t]*(?:from|import)[ \t]+" + re.escape(folder.encode()) + rb"\b", re.MULTILINE)
    readable = (entry for entry in found[: limits.MAX_FILES] if not entry.obstacle and entry.path.endswith(".py"))
    return any(statement.search(entry.open(limits.MAX_FILE_BYTES)[0]) for entry in readable)
