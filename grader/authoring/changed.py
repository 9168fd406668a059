"""Finds the exercises that changed since a commit, for checking only these."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.model import Course, Exercise


def changed_exercises(course: Course, exercises: Sequence[Exercise], commit: str) -> tuple[Exercise, ...]:
    """Return the exercises with a file that differs from the commit or is new, committed or not.

    A change to a lesson's rubric concerns all of its exercises.

    Raises:
        UsageError: git does not know the commit.
    """
    paths = [
        *_git(course, commit, "diff", "--name-only", "--relative", "-z", commit, "--"),
        *_git(course, commit, "ls-files", "--others", "--exclude-standard", "-z"),
    ]
    return tuple(exercise for exercise in exercises if _concerns(paths, exercise))


def _concerns(changed: Sequence[str], exercise: Exercise) -> bool:
    """Tell whether a changed path decides an exercise's result. Removed answers count, though no source lists them."""
    sources = {source.relative_to(exercise.root).as_posix() for source in exercise.sources}
    answers = f"reference/{exercise.key}/"
    return any(path in sources or path.startswith(answers) for path in changed)


def _git(course: Course, commit: str, *arguments: str) -> list[str]:
    try:
        done = subprocess.run(["git", *arguments], cwd=course.root, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise UsageError("git is not installed: install it, or leave out --changed.") from error
    if done.returncode:
        reason = done.stderr.strip().partition("\n")[0]
        raise UsageError(f"git cannot compare with {commit} ({reason}): name a commit that git knows.")
    return [path for path in done.stdout.split("\0") if path]
