"""Lists what a download holds, a folder or a zip archive, and opens its files to a limit; nothing is unpacked."""

from __future__ import annotations

import functools
import os
import struct
import zipfile
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from grader.errors import UsageError
from grader.faults import reading
from grader.submission.disk import content, entry, obstacle_of
from grader.submission.entries import ENVIRONMENT_MARK, SKIPPED_FOLDERS, Entry
from grader.submission.members import content_of, written_path
from grader.submission.members import obstacle_of as obstacle_of_member
from grader.submission.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REMEDY = "give the folder that contains one hand-in per student, or the .zip that your platform makes."
MAX_FILES = 100_000


class Download(NamedTuple):
    """All files below a folder or in an archive, by path; hidden ones, caches and environments are left out.

    `place` is the folder, None for an archive, and `folders` are the names of the folders at the top.
    """

    name: str
    files: tuple[Entry, ...]
    folders: frozenset[str]
    place: Path | None = None

    def top(self) -> dict[str, list[Entry]]:
        """Return the files by the first part of their path, which is the file's own name at the top."""
        found: dict[str, list[Entry]] = {name: [] for name in self.folders}
        for file in self.files:
            found.setdefault(file.path.partition("/")[0], []).append(file)
        return dict(sorted(found.items()))

    def within(self, folder: str) -> Download:
        """Return what lies below a folder as a download of its own."""
        files = tuple(each._replace(path=each.path[len(folder) + 1 :]) for each in below(self.files, folder))
        folders = frozenset(file.path.partition("/")[0] for file in files if "/" in file.path)
        return Download(folder, files, folders, self.place / folder if self.place else None)

    def without_outer_folder(self) -> Download:
        """Return what lies in the only folder at the top, or the download itself: platforms and people wrap folders."""
        top = self.top()
        return self.within(next(iter(top))) if len(top) == 1 and self.folders else self


def below(files: tuple[Entry, ...] | list[Entry], folder: str) -> list[Entry]:
    """Return the files below a folder."""
    return [file for file in files if file.path.startswith(f"{folder}/")]


@contextmanager
def opened(path: Path) -> Iterator[Download]:
    """Yield what a folder or a .zip holds; its files can be read inside.

    Raises:
        UsageError: `path` is neither a folder nor a zip archive, may not be read, or holds too many files.
    """
    with reading(path, REMEDY):
        archived = path.is_file() and path.suffix.lower() == ".zip"
    if not archived:
        with reading(path, REMEDY):
            files, folders = _walk(path)
        yield Download(path.name or path.absolute().name, files, folders, path)
        return
    with reading(path, REMEDY):
        try:
            archive = zipfile.ZipFile(path)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            ValueError,
            OverflowError,
            EOFError,
            struct.error,
        ) as error:
            raise UsageError(f"{path} is not a zip archive, or is damaged: download it again.") from error
    with archive:
        yield _listed(path, archive)


def _walk(root: Path) -> tuple[tuple[Entry, ...], frozenset[str]]:
    """Return the files below a folder and the folders at its top; raise `OSError` if it cannot be read itself."""
    found: list[Entry] = []
    at_the_top: set[str] = set()
    folders = [("", root)]
    while folders:
        prefix, folder = folders.pop()
        try:
            with os.scandir(folder) as scan:
                listed = sorted(scan, key=lambda item: item.name)
        except OSError as error:
            if not prefix:
                raise
            found.append(Entry(prefix, functools.partial(content, folder), f"is a folder and {obstacle_of(error)}"))
            continue
        for item in listed:
            path = f"{prefix}/{item.name}" if prefix else item.name
            if item.name.startswith(".") or item.name in SKIPPED_FOLDERS:
                continue
            if not prefix:
                (folder / item.name).lstat()  # fails if the folder may be listed and not opened
            if not item.is_dir(follow_symlinks=False):
                found.append(entry(path, folder / item.name))
            elif not os.path.lexists(folder / item.name / ENVIRONMENT_MARK):
                folders.append((path, folder / item.name))
                at_the_top |= set() if prefix else {item.name}
        _refuse_too_many(root, len(found))
    return tuple(sorted(found, key=lambda file: file.path)), frozenset(at_the_top)


def _listed(path: Path, archive: zipfile.ZipFile) -> Download:
    _refuse_too_many(path, len(archive.infolist()))
    members = [(_path(info), info) for info in archive.infolist()]
    ends = f"/{ENVIRONMENT_MARK}"
    environments = tuple(f"{name.removesuffix(ends)}/" for name, _ in members if name.endswith(ends))
    own = [
        (name, info)
        for name, info in members
        if name
        and not any(part.startswith(".") or part in SKIPPED_FOLDERS for part in name.split("/"))
        and not name.startswith(environments)
    ]
    files = {
        name: Entry(name, functools.partial(content_of, archive, info, "download it again"), obstacle_of_member(info))
        for name, info in own
        if not info.is_dir()
    }
    folders = {name.partition("/")[0] for name, info in own if "/" in name or info.is_dir()}
    return Download(path.stem, tuple(files[name] for name in sorted(files)), frozenset(folders))


def _path(info: zipfile.ZipInfo) -> str:
    """Return a member's path, which is only ever shown and compared: `..` and drives lead nowhere."""
    parts = [part for part in PurePosixPath(written_path(info)).parts if part not in ("/", "..")]
    return "/".join(parts)


def _refuse_too_many(path: Path, count: int) -> None:
    if count > MAX_FILES:
        raise UsageError(
            f"{printable(str(path))} contains more than {MAX_FILES} files: give the download of one assignment."
        )
