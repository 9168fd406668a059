"""Finds the course that a repository is graded with: in its base commit, in a folder, or in another repository."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader import fingerprint
from grader.ci.repository import Repository, git, without_credentials
from grader.course.finding import find_course
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Course

# A path that holds an `@` is a folder if there is one; `ext::` and other programs of git's are never run.
_ELSEWHERE = re.compile(r"(?P<url>(?:(?:https|ssh|file)://|[\w.-]+@[\w.-]+:|/|\.{0,2}/)\S*)@(?P<commit>[\w.-]+)")
_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_EXERCISES, _CHECKS = "exercises", "checks"


class Source(NamedTuple):
    """A course, and a text that its inputs are drawn by: the same for everybody who is graded with it.

    `folder` is where in the graded repository the course, or a student's copy of it, lies ("" for the top).
    """

    course: Course
    secret: str
    folder: str
    elsewhere: bool


@contextmanager
def course_in(repository: Repository, commit: str, folder: str | None) -> Iterator[Source]:
    """Yield the course of a trusted commit, in a temporary folder.

    Raises:
        UsageError: it has no course, or several and no `folder` to tell which.
    """
    where = folder_of_course(repository, commit, folder)
    if where is None:
        raise UsageError(
            f"Commit {commit[:12]} contains no course, no folder {_EXERCISES}/ with lessons and their {_CHECKS}/: name "
            "where the course is with --course."
        )
    with tempfile.TemporaryDirectory(prefix="grade-ci-") as made:
        root = Path(made).resolve() / "course"
        root.mkdir()
        repository.export(commit, root, where)
        yield Source(_course_at(root), commit, where, elsewhere=False)


@contextmanager
def course_elsewhere(place: str, repository: Repository, head: str, folder: str | None) -> Iterator[Source]:
    """Yield the course at `place`, a folder or `GIT-URL@COMMIT`, for a repository that only holds a student's files.

    Raises:
        UsageError: there is no course, or it lies among the files that are to be graded.
    """
    where = folder_of_course(repository, head, folder)
    found = _ELSEWHERE.fullmatch(place)
    if found is None or Path(place).is_dir():
        course = _course_at(Path(place))
        _refuse_own_files(course, repository)
        secret = fingerprint.of_files([p for e in course.exercises for p in e.sources], course.root)
        yield Source(course, secret, where or "", elsewhere=True)
        return
    with tempfile.TemporaryDirectory(prefix="grade-ci-") as made:
        other, commit = _fetched(found["url"], found["commit"], Path(made) / "course.git")
        with course_in(other, commit, None) as source:
            yield source._replace(folder=where or "", elsewhere=True)


def folder_of_course(repository: Repository, commit: str, folder: str | None) -> str | None:
    """Return where a commit has a course or a copy of one, "" for its top, None if it has none.

    Raises:
        UsageError: there are several and no `folder` tells which, or there is none in it.
    """
    if folder is not None:
        folder = folder.strip("/")
        if not repository.has_folder(commit, folder):
            raise UsageError(f"Commit {commit[:12]} has no folder {folder}: correct --folder.")
        return folder
    if repository.has_folder(commit, _EXERCISES):
        return ""
    found = repository.folders_with(commit, _EXERCISES, _CHECKS)
    if len(found) > 1:
        raise UsageError(f"Commit {commit[:12]} has several courses ({', '.join(found)}): choose with --folder.")
    return found[0] if found else None


def _course_at(root: Path) -> Course:
    with reading(root, "name the folder of a course, or GIT-URL@COMMIT, with --course."):
        if not (root / _EXERCISES).is_dir():
            raise UsageError(
                f"{root} contains no course, it has no folder {_EXERCISES}/: name the folder of a course, or "
                "GIT-URL@COMMIT, with --course."
            )
    return find_course(root)


def _refuse_own_files(course: Course, repository: Repository) -> None:
    """Refuse checks from the checked-out files of the student, which would run unconfined."""
    worktree = repository.worktree()
    if worktree and course.root.is_relative_to(Path(worktree).resolve()):
        raise UsageError(
            f"The course {course.root} lies in the repository that is graded, so its checks could be the student's: "
            "leave out --course to take it from the base commit, or check it out elsewhere."
        )


def _fetched(url: str, commit: str, into: Path) -> tuple[Repository, str]:
    """Fetch one commit of a repository into a bare one, and return it with the commit's id."""
    shown = without_credentials(url)
    into.mkdir()
    git(into, "init", "--quiet", "--bare", "--template=")
    allowed = ["-c", "protocol.allow=never"]
    for name in ("https", "ssh", "file"):
        allowed += ["-c", f"protocol.{name}.allow=always"]
    source = str(Path(url).resolve()) if url.startswith(("/", ".")) else url
    try:
        git(into, *allowed, "fetch", "--quiet", "--no-tags", "--depth=1", source, f"{commit}:refs/course")
    except UsageError as error:
        if _FULL_ID.fullmatch(commit) is None:
            raise UsageError(f"{commit} could not be fetched from {shown}: correct --course. {error}") from error
        try:  # some servers give commits only by the branches that lead to them
            git(into, *allowed, "fetch", "--quiet", source, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        except UsageError as again:
            raise UsageError(f"{shown} could not be fetched: correct --course, or permit it. {again}") from again
        return (found := Repository(into)), found.commit(commit)
    return (found := Repository(into)), found.commit("refs/course")
