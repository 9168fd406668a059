"""Reads commits of a git repository, which may be bare; nothing is checked out, and nothing in a head commit runs."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from typing import TYPE_CHECKING, NamedTuple

from grader.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

# Renames are found by git's usual similarity; nothing that a repository's own settings name is run.
_DIFF = ("diff-tree", "-r", "-z", "-M", "--raw", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-commit-id")
LINK, SUBMODULE = "120000", "160000"
_GONE = "000000"
MAX_BLOB_BYTES = 32 * 2**20


class Change(NamedTuple):
    """One path that a pull request changed; `status` is A, M, D, R or T as in git, `before` the path it had."""

    status: str
    path: str
    before: str
    mode: str
    blob: str

    @property
    def is_file(self) -> bool:
        """Whether there is an ordinary file at the path now."""
        return self.mode not in (LINK, SUBMODULE, _GONE)


class Repository:
    """A repository on this disk, read by the command `git`."""

    def __init__(self, path: Path) -> None:
        """Raise `UsageError` if there is no repository at `path` or no git."""
        self._path = path
        try:
            self._git("rev-parse", "--git-dir")
        except UsageError as error:
            raise UsageError(f"{path} is not a git repository: change to one, or name it with --repository.") from error

    def commit(self, name: str) -> str:
        """Return the id of a commit by any name of it; raise `UsageError` if it is not there."""
        if name.startswith("-"):
            raise UsageError(f"`{name}` is not a commit: give an id, a branch or a tag.")
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
        except UsageError as error:
            remedy = "fetch it (in a workflow: actions/checkout with fetch-depth: 0)."
            raise UsageError(f"Commit {name} is not in {self._path}: {remedy}") from error

    def export(self, commit: str, to: Path) -> None:
        """Write the files of a trusted commit below a folder."""
        archive = self._git("archive", "--format=tar", commit)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(to, filter="data")

    def changes(self, base: str, head: str) -> list[Change]:
        """Return the changes from the common ancestor of `base` and `head` to `head`, sorted by path."""
        try:
            fork = self._git("merge-base", base, head).decode().strip()
        except UsageError as error:
            raise UsageError(
                f"{base[:12]} and {head[:12]} have no common commit in {self._path}: fetch the whole history."
            ) from error
        fields = self._git(*_DIFF, fork, head).decode("utf-8", "backslashreplace").split("\0")
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

    def content(self, change: Change) -> bytes:
        """Return what the changed file holds now; raise `UsageError` if it is larger than any submission."""
        if int(self._git("cat-file", "-s", change.blob)) > MAX_BLOB_BYTES:
            raise UsageError(f"{change.path} is larger than {MAX_BLOB_BYTES // 2**20} MB: take it out of the commits.")
        return self._git("cat-file", "blob", change.blob)

    def _git(self, *arguments: str) -> bytes:
        # A repository of another user, as in a container, can be read too: none of its hooks or settings are used.
        command = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C", str(self._path), *arguments]
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
        try:
            done = subprocess.run(command, capture_output=True, check=False, env=environment)
        except FileNotFoundError as error:
            raise UsageError("git is not installed. Install it: pull requests are read with git.") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            raise UsageError(f"git {arguments[0]} failed in {self._path}: {said or 'no reason given'}.")
        return done.stdout
