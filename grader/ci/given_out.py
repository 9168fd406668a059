"""Rebuilds what a student's repository was last given out, from its record and the repository's own history.

Each release holds a record with the hash of every file. When an instructor's later release reaches a repository, by a
merge, by a commit that overwrites files, or by an update of the copy, its record comes along, and says what the course
is from then on. A file that the student has changed since is found in the history by its hash.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.working_copy import RECORD, SCHEMA, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.ci.repository import Blob, Repository

_ANSWERS = "reference"  # only an author's course has this folder, never a copy for students
_FILE = "100644"
_DECIDING = ("exercises/", "rubrics/", "mistakes/")  # without these files an edition cannot grade


class GivenOut(NamedTuple):
    """An edition of a course: its files are the tree `tree` of `repository`; all who have it have the same `secret`."""

    repository: Repository
    tree: str
    secret: str


@contextmanager
def given_out(repository: Repository, commit: str, folder: str) -> Iterator[GivenOut | None]:
    """Yield the newest edition that the history of a commit has in a folder; None if the commit is no student's copy.

    Nothing is written into the repository.
    """
    place = f"{folder}/" if folder else ""
    if repository.has_folder(commit, f"{place}{_ANSWERS}"):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="grade-ci-") as made:
        yield _rebuilt(repository, commit, place, Path(made) / "edition.git")


def _rebuilt(repository: Repository, commit: str, place: str, into: Path) -> GivenOut | None:
    now = repository.files(commit)
    if place + RECORD not in now:
        return None
    history = repository.history_of(commit)
    for blob in dict.fromkeys([now[place + RECORD].id, *history.get(place + RECORD, ())]):
        record = _read(next(repository.contents([blob])))
        if record is not None and (found := _found(repository, record, place, now, history)) is not None:
            found[place + RECORD] = blob
            borrowed = repository.borrowed_by(into)
            modes = {path: now[path].mode if path in now else _FILE for path in found}
            stubs = {place + path: text.encode() for path, text in record.stubs.items() if place + path not in found}
            found |= {path: borrowed.add(text) for path, text in stubs.items()}
            tree = borrowed.tree_of({path: (modes.get(path, _FILE), blob) for path, blob in found.items()})
            return GivenOut(borrowed, tree, blob)
    return None


def _found(
    repository: Repository, record: Record, place: str, now: Mapping[str, Blob], history: Mapping[str, list[str]]
) -> dict[str, str] | None:
    """Return the blobs of an edition's files by path, None if one that decides results is nowhere in the history."""
    wanted = {place + path: digest for path, digest in record.files.items()}
    found = _matching(repository, wanted, {path: [now[path].id] for path in wanted if path in now})
    left = {path: digest for path, digest in wanted.items() if path not in found}
    found |= _matching(repository, left, {path: history.get(path, []) for path in left})
    missing = [path.removeprefix(place) for path in left if path not in found]
    decides = [path for path in missing if path.startswith(_DECIDING) and not path.endswith((".ipynb", ".md"))]
    return None if set(decides) - record.stubs.keys() else found


def _matching(repository: Repository, wanted: Mapping[str, str], candidates: Mapping[str, list[str]]) -> dict[str, str]:
    """Return, by path, the first of some blobs whose content has the wanted hash."""
    pairs = [(path, blob) for path, blobs in candidates.items() for blob in blobs]
    contents = repository.contents([blob for _, blob in pairs])
    found: dict[str, str] = {}
    for (path, blob), content in zip(pairs, contents, strict=True):
        if hashlib.sha256(content).hexdigest() == wanted[path]:
            found.setdefault(path, blob)
    return found


def record_at(repository: Repository, commit: str, folder: str) -> Record | None:
    """Return the record that a commit has in a folder, None if there is none that can be read."""
    path = f"{folder}/{RECORD}" if folder else RECORD
    blob = repository.files(commit).get(path)
    return None if blob is None else _read(next(repository.contents([blob.id])))


def _read(content: bytes) -> Record | None:
    try:
        record = msgspec.json.decode(content, type=Record)
    except ValueError:  # every error of msgspec is one; a student may have edited it
        return None
    return record if record.schema == SCHEMA else None
