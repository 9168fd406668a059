"""The hook for course authors, as `pre-commit` runs it on commits to a small course."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.course_factory import make_course, write_files
from helpers.pull_requests import git

PROJECT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WRONG = "reference/numbers/double/wrong/unchanged.py"
CONFIG = """repos:
  - repo: {repository}
    rev: {commit}
    hooks:
      - id: grade-verify
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a course in git that has the hook installed, as docs/platforms.md says."""
    hooks = tmp_path / "hooks"
    write_files(hooks, {".pre-commit-hooks.yaml": (PROJECT / ".pre-commit-hooks.yaml").read_bytes()})
    root = make_course(tmp_path / "course", ["numbers/double", "numbers/twice"])
    for folder in (hooks, root):
        git(tmp_path, "init", "-q", str(folder))
        git(folder, "add", "--all")
        git(folder, "commit", "-q", "--message", "Begin")
    config = CONFIG.format(repository=hooks, commit=git(hooks, "rev-parse", "HEAD"))
    write_files(root, {".pre-commit-config.yaml": config})
    pre_commit(root, "install")
    return root


def pre_commit(root: Path, *arguments: str) -> None:
    subprocess.run([BIN / "pre-commit", *arguments], cwd=root, env=environment(root), check=True, capture_output=True)


def environment(root: Path) -> dict[str, str]:
    identity = {f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # a course is committed to where its grader is installed
    return {**os.environ, **identity, "PATH": path, "PRE_COMMIT_HOME": str(root.parent / "pre-commit")}


def commit(root: Path, message: str) -> tuple[bool, str]:
    """Commit everything; return whether that was let through, and what was said."""
    git(root, "add", "--all")
    done = subprocess.run(
        ["git", "commit", "--message", message],
        cwd=root, env=environment(root), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return git(root, "log", "-1", "--format=%s") == message, done.stdout + done.stderr


def test_a_commit_is_let_through_if_the_exercises_that_it_changes_are_in_order(course: Path) -> None:
    through, said = commit(course, "Add the hook")
    assert through
    assert "(no files to check)Skipped" in said

    right = (course / WRONG).read_text()
    write_files(course, {WRONG: right.replace("return number", "return number  # and not twice")})
    through, said = commit(course, "Explain a mistake")
    assert through
    assert "(grade verify).......................Passed" in said

    write_files(course, {WRONG: right.replace("return number", "return 2 * number")})
    through, said = commit(course, "Let a mistake be right")
    assert not through
    assert (
        "double: wrong/unchanged passes test_double_of_two, its CAUGHT_BY: sharpen the check, or name another."
        in " ".join(said.split())
    )
    assert "twice" not in said  # it was not changed
