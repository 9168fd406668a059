"""Fetches students' repositories without checking anything out: each becomes an archive that is only ever read.

Whoever owns a repository decides what is in it, so git runs with limits of time and size, with no hook, no submodule,
and none of the user's own settings.
"""

from __future__ import annotations

import base64
import csv
import io
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.atomic import write_atomically
from grader.classroom.repositories.manifest import HANDINS, ROSTER, Fetched, Manifest, write_manifest
from grader.classroom.roster import Member, read_roster
from grader.errors import UsageError
from grader.faults import writing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from grader.classroom.repositories.forge import Forge, Hosted

MOST_FILE_MB = 256  # of a pack, and of an archive made of it
_SECONDS = 120
_BLOCKS_A_MB = 2048  # POSIX counts in blocks of 512 bytes
_HEAD = "refs/grade/head"
_LOGIN = re.compile(r"[\w.-]{1,100}", re.ASCII)
_KEYS = ("login", "student", "id", "identifier")


class Class(NamedTuple):
    """Which repositories are fetched: those of an owner whose names begin with `prefix`, or `only` some students'."""

    owner: str
    prefix: str
    only: Collection[str] = ()


def fetch_class(forge: Forge, wanted: Class, folder: Path, roster: Path | None = None) -> Manifest:
    """Fetch a class into a folder: archives in `handins/`, times in `roster.csv`, and a list of commits.

    A student is what is left of a repository's name without the prefix. `roster` names them.

    Raises:
        UsageError: the folder cannot be written, the roster cannot be read, or there is no such repository.
    """
    known = {m.key.casefold(): m for m in read_roster(roster, _KEYS, digits=False).members} if roster else {}
    with writing(folder, "name another folder."):
        (folder / HANDINS).mkdir(parents=True, exist_ok=True)
    only = {name.casefold() for name in wanted.only}
    students, fetched = [], []
    for student, hosted in _students(forge, wanted):
        member = known.get(student.casefold())
        students.append(member.key if member else student)
        if not only or student.casefold() in only:
            fetched.append(_fetch(forge, students[-1], hosted, folder / HANDINS))
    if not fetched:
        if only:
            named = " or ".join(f"{wanted.prefix}{student}" for student in sorted(only))
            raise UsageError(f"{wanted.owner} has no repository {named}: correct --only or --prefix.")
        raise UsageError(f"{wanted.owner} has no repository whose name begins with {wanted.prefix}: correct --prefix.")
    if not only:  # what an earlier run has left is nobody's work any more
        for place in (folder / HANDINS).glob("*.zip"):
            if place.stem not in students:
                place.unlink()
    write_atomically(folder / ROSTER, _roster(students, fetched, known))
    manifest = Manifest(repositories=tuple(fetched))
    write_manifest(folder, manifest)
    return manifest


def _students(forge: Forge, wanted: Class) -> Iterator[tuple[str, Hosted]]:
    for hosted in sorted(forge.repositories(wanted.owner, wanted.prefix)):
        student = hosted.name.rpartition("/")[2][len(wanted.prefix) :]
        if _LOGIN.fullmatch(student) and not student.startswith((".", "-")):
            yield student, hosted


def _fetch(forge: Forge, student: str, hosted: Hosted, handins: Path) -> Fetched:
    """Fetch the branch of one repository that is graded; what is wrong with it is its own matter."""
    place = handins / f"{student}.zip"
    place.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="grade-fetch-") as scratch:
        try:
            commit = _archive(hosted, Path(scratch), place)
        except _FetchError as error:
            place.unlink(missing_ok=True)
            return Fetched(student=student, repository=hosted.name, problem=str(error))
    return Fetched(student=student, repository=hosted.name, commit=commit, submitted_at=forge.pushed_at(hosted, commit))


class _FetchError(Exception):
    """Why one repository gives no hand-in."""


def _archive(hosted: Hosted, scratch: Path, place: Path) -> str:
    environment = _environment(hosted, scratch)
    repository = scratch / "repository.git"
    _git(environment, "init", "--quiet", "--bare", "--template=", str(repository))
    git = ("--git-dir", str(repository))
    refs = f"+refs/heads/{hosted.branch}:{_HEAD}"
    fetch = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    _git(environment, *git, *fetch, "--", hosted.url, refs)
    commit = _git(environment, *git, "rev-parse", "--verify", f"{_HEAD}^{{commit}}").strip()
    _git(environment, *git, "archive", "--format=zip", f"--output={place.resolve()}", _HEAD)
    return commit


def _environment(hosted: Hosted, scratch: Path) -> dict[str, str]:
    """Return all that git sees of an environment; secrets are in it and not in its arguments, which others can list."""
    settings = {
        "protocol.allow": "never", "protocol.https.allow": "always", "protocol.file.allow": "always",
        "core.hooksPath": os.devnull, "gc.auto": "0", "fetch.unpackLimit": "1", "http.followRedirects": "false",
    }  # fmt: skip
    if hosted.header:
        settings[f"http.{hosted.url}.extraHeader"] = hosted.header
    found = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(scratch), "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }  # fmt: skip
    for number, (key, value) in enumerate(settings.items()):
        found[f"GIT_CONFIG_KEY_{number}"], found[f"GIT_CONFIG_VALUE_{number}"] = key, value
    return found


def _git(environment: Mapping[str, str], *arguments: str) -> str:
    command = ["sh", "-c", 'ulimit -f "$1"; shift; exec git "$@"', "sh", str(MOST_FILE_MB * _BLOCKS_A_MB), *arguments]
    try:
        done = subprocess.run(
            command,
            env=dict(environment),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise _FetchError(f"The repository could not be read within {_SECONDS} seconds.") from error
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0]
        if "couldn't find remote ref" in said:
            raise _FetchError("The repository is empty, or its default branch is gone.")
        raise _FetchError(
            f"The repository could not be read, or is larger than {MOST_FILE_MB} MB ({said or 'no reason'})."
        )
    return done.stdout


def basic(user: str, secret: str) -> str:
    """Return the header by which git shows a token."""
    return f"Authorization: Basic {base64.b64encode(f'{user}:{secret}'.encode()).decode()}"


def _roster(students: Sequence[str], fetched: Sequence[Fetched], known: Mapping[str, Member]) -> str:
    """Return who is in the class, also of whom nothing was fetched this time: whoever is missing has left it."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("student", "name", "submission time"))
    times = {each.student.casefold(): each.submitted_at or "" for each in fetched}
    names = {student.casefold(): (student, "") for student in students}
    names |= {key: (member.key, member.name) for key, member in known.items()}
    for key, (student, name) in sorted(names.items()):
        writer.writerow((student, name or student, times.get(key, "")))
    return table.getvalue()
