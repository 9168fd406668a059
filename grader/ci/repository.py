"""Reads commits of a git repository, which may be bare; nothing is checked out, and nothing in a head commit runs."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import tarfile
from typing import TYPE_CHECKING, NamedTuple

from grader.atomic import write_atomically
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

# Renames are found by git's usual similarity; nothing that a repository's own settings name is run.
_DIFF = ("diff-tree", "-r", "-z", "-M", "--raw", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-commit-id")
_EVERY_CHANGE = ("--format=", "--raw", "-z", "-m", "--root", "--no-abbrev", "--no-renames", "--topo-order",
                 "--no-ext-diff", "--no-textconv")  # fmt: skip
_HARDENED = ("-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
LINK, SUBMODULE = "120000", "160000"
_GONE = "000000"
MAX_BLOB_BYTES = 32 * 2**20
_CREDENTIALS = re.compile(r"(://)[^/@\s]*@")
FETCH_ALL = "fetch the whole history (in a workflow: actions/checkout with fetch-depth: 0)."


class Change(NamedTuple):
    """One path that was changed; `status` is A, M, D, R or T as in git, `before` the path it had."""

    status: str
    path: str
    before: str
    mode: str
    blob: str

    @property
    def is_file(self) -> bool:
        """Whether there is an ordinary file at the path now."""
        return self.mode not in (LINK, SUBMODULE, _GONE)


class Blob(NamedTuple):
    """A file of a commit, as git keeps it."""

    mode: str
    id: str


class Repository:
    """A repository on this disk, read by the command `git`."""

    def __init__(self, path: Path) -> None:
        """Raise `UsageError` if there is no repository at `path` or no git."""
        self._path = path
        try:
            git(path, "rev-parse", "--git-dir")
        except UsageError as error:
            raise UsageError(f"{path} is not a git repository: change to one, or name it with --repository.") from error

    def worktree(self) -> str:
        """Return the folder in which its files are checked out, "" for a bare repository."""
        try:
            return os.fsdecode(self._git("rev-parse", "--show-toplevel").removesuffix(b"\n"))
        except UsageError:
            return ""

    def commit(self, name: str) -> str:
        """Return the id of a commit by any name of it; raise `UsageError` if it is not there."""
        if name.startswith("-"):
            raise UsageError(f"`{name}` is not a commit: give an id, a branch or a tag.")
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
        except UsageError as error:
            remedy = "fetch it (in a workflow: actions/checkout with fetch-depth: 0)."
            raise UsageError(f"Commit {name} is not in {self._path}: {remedy}") from error

    def default_tip(self, branch: str, default_branch: str) -> str | None:
        """Return the commit of the default branch that another branch is compared with, None for the default branch."""
        if default_branch and branch != default_branch:
            for name in (f"refs/remotes/origin/{default_branch}", f"refs/heads/{default_branch}"):
                try:
                    return self.commit(name)
                except UsageError:
                    continue
        return None

    def first_commit(self, head: str) -> str:
        """Return the first commit of all, which a repository that was made of a course begins with."""
        if self._git("rev-parse", "--is-shallow-repository").strip() == b"true":
            raise UsageError(f"{self._path} does not have the commit that this push is compared with: {FETCH_ALL}")
        return self._git("rev-list", "--max-parents=0", head).decode().split()[-1]

    def folders_with(self, commit: str, name: str, beside: str) -> list[str]:
        """Return the folders ("" for the top) with a folder `name` that has a folder `beside` two levels below it.

        Those nearest to the top are returned, sorted.
        """
        listed = self._git("ls-tree", "-r", "-d", "-z", "--name-only", commit).decode("utf-8", "backslashreplace")
        found = set()
        for path in listed.split("\0"):
            parts = path.split("/")
            if len(parts) >= 3 and parts[-1] == beside and parts[-3] == name:  # noqa: PLR2004 - NAME/LESSON/BESIDE
                found.add("/".join(parts[:-3]))
        least = min((path.count("/") + bool(path) for path in found), default=0)
        return sorted(path for path in found if path.count("/") + bool(path) == least)

    def has_folder(self, commit: str, path: str) -> bool:
        """Tell whether a commit has a folder at a path; "" is its top."""
        try:
            return self._git("cat-file", "-t", f"{commit}:{path}").strip() == b"tree"
        except UsageError:
            return False

    def export(self, commit: str, to: Path, folder: str = "") -> None:
        """Write the files of a trusted commit, or of one folder in it, below a folder."""
        archive = self._git("archive", "--format=tar", f"{commit}:{folder}" if folder else commit)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(to, filter="data")

    def changes(self, base: str | None, head: str) -> list[Change]:
        """Return the changes from the common ancestor of `base` and `head` to `head`, sorted by path.

        Without a base, every file of `head` is new.
        """
        if base is None:
            return self.differences(self._git("hash-object", "-t", "tree", os.devnull).decode().strip(), head)
        try:
            return self.differences(self._git("merge-base", base, head).decode().strip(), head)
        except UsageError as error:
            raise UsageError(
                f"{base[:12]} and {head[:12]} have no common commit in {self._path}: {FETCH_ALL}"
            ) from error

    def differences(self, before: str, after: str) -> list[Change]:
        """Return the changes between two trees or commits, sorted by path."""
        fields = _texts(self._git(*_DIFF, before, after))
        found, position = [], 0
        while position < len(fields) - 1:
            _, mode, _, blob, status = fields[position].lstrip(":").split(" ")
            before = path = fields[position + 1]
            position += 2
            if status[0] in "RC":
                path = fields[position]
                position += 1
            found.append(Change(status[0], path, before, mode, blob))
        return sorted(found, key=lambda change: change.path)

    def files(self, commit: str) -> dict[str, Blob]:
        """Return the files of a commit by path, without submodules."""
        entries = (entry.partition("\t") for entry in _texts(self._git("ls-tree", "-r", "-z", commit)) if entry)
        known = ((path, *said.split(" ")) for said, _, path in entries)
        return {path: Blob(mode, blob) for path, mode, kind, blob in known if kind == "blob"}

    def history_of(self, head: str) -> dict[str, list[str]]:
        """Return the ids of all contents that each path had in a commit or before it, those of newer commits first."""
        fields = iter(_texts(self._git("log", *_EVERY_CHANGE, head)))
        found: dict[str, list[str]] = {}
        for said in fields:
            if said.startswith(":"):
                blob, path = said.split(" ")[3], next(fields)
                found.setdefault(path, []).append(blob)
        return {path: [blob for blob in dict.fromkeys(blobs) if blob.strip("0")] for path, blobs in found.items()}

    def contents(self, blobs: Sequence[str]) -> Iterator[bytes]:
        """Yield what some blobs hold, in their order; nothing for one that is larger than any submission."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        sizes = self._git("cat-file", "--batch-check=%(objectsize)", given=asked).decode().split()
        small = [blob for blob, size in zip(blobs, sizes, strict=True) if int(size) <= MAX_BLOB_BYTES]
        batch = self._git("cat-file", "--batch", given="".join(f"{blob}\n" for blob in small).encode())
        known, position = set(small), 0
        for blob in blobs:
            if blob not in known:
                yield b""
                continue
            begin = batch.index(b"\n", position) + 1
            end = begin + int(batch[position:begin].split()[2])
            yield batch[begin:end]
            position = end + 1

    def borrowed_by(self, place: Path) -> Repository:
        """Return a new bare repository that has all that this one has, and into which something can be written."""
        place.mkdir()
        git(place, "init", "--quiet", "--bare", "--template=")
        objects = os.fsdecode(self._git("rev-parse", "--path-format=absolute", "--git-path", "objects").strip())
        write_atomically(place / "objects" / "info" / "alternates", f"{objects}\n")
        return Repository(place)

    def add(self, content: bytes) -> str:
        """Write a blob, and return its id."""
        return self._git("hash-object", "-w", "--stdin", given=content).decode().strip()

    def tree_of(self, files: Mapping[str, tuple[str, str]]) -> str:
        """Write a tree of files, given by path as mode and blob, and return its id."""
        entries = "".join(f"{mode} {blob}\t{path}\0" for path, (mode, blob) in files.items())
        self._git("update-index", "-z", "--index-info", given=os.fsencode(entries))
        return self._git("write-tree").decode().strip()

    def content(self, change: Change) -> bytes:
        """Return what the changed file holds now; raise `UsageError` if it is larger than any submission."""
        if int(self._git("cat-file", "-s", change.blob)) > MAX_BLOB_BYTES:
            raise UsageError(f"{change.path} is larger than {MAX_BLOB_BYTES // 2**20} MB: take it out of the commits.")
        return self._git("cat-file", "blob", change.blob)

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        return git(self._path, *arguments, given=given)


def _texts(listed: bytes) -> list[str]:
    return listed.decode("utf-8", "backslashreplace").split("\0")


def holds(change: Change, content: bytes) -> bool:
    """Tell whether the changed file holds exactly this content now."""
    named = hashlib.sha1 if len(change.blob) == 40 else hashlib.sha256  # noqa: PLR2004 - as git names blobs
    return change.blob == named(b"blob %d\0" % len(content) + content).hexdigest()


def git(path: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Run git on the repository at `path` with an input, and return what it writes; raise `UsageError` if it fails.

    A repository of another user, as in a container, can be read too: none of its hooks or settings are used.
    """
    command = ["git", *_HARDENED, "-C", str(path), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False, env=environment)
    except FileNotFoundError as error:
        raise UsageError("git is not installed. Install it: pull requests are read with git.") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        verb = next(each for each in arguments if not each.startswith("-") and "=" not in each)  # behind its settings
        raise UsageError(f"git {verb} failed in {path}: {without_credentials(said) or 'no reason given'}.")
    return done.stdout


def without_credentials(text: str) -> str:
    """Return a text in which no URL holds a user name, a password or a token."""
    return _CREDENTIALS.sub(r"\1", text)
