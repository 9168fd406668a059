"""A course in git with pull requests and pushes to it, graded as a workflow of GitHub grades them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.sandbox.outside.server import Isolation
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from helpers.command import Command, Done

GRADE = str(Path(sys.executable).with_name("grade"))


class Run(NamedTuple):
    """What `grade ci` said of a pull request, and to whom."""

    status: int
    stdout: str
    stderr: str
    summary: str
    outputs: dict[str, str]

    @property
    def annotations(self) -> list[str]:
        return [line for line in self.stdout.splitlines() if line.startswith("::")]


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Project:
    """A course in git, in a folder of its repository, with pull requests and pushes to it."""

    def __init__(self, root: Path, folder: str = "") -> None:
        self.root = root
        self.command: Command  # of the test that uses it
        self.isolation = Isolation.STRICT
        self.work = root / "work"
        make_course(self.work / folder, ["numbers/double", "numbers/twice", "words/again"])
        write_files(self.work, {".github/workflows/grade.yml": "on: pull_request\n", "notes.md": "Notes.\n"})
        git(root, "init", "-q", "work")
        self.base = self.commit("The course")

    def commit(self, message: str) -> str:
        git(self.work, "add", "--all")
        git(self.work, "commit", "-q", "--message", message)
        return git(self.work, "rev-parse", "HEAD")

    def pull_request(self, change: Callable[[Path], object]) -> str:
        """Return the head of a pull request that makes one change."""
        git(self.work, "checkout", "-q", "--detach", self.base)
        change(self.work)
        head = self.commit("A change")
        git(self.work, "branch", "-f", "pr", head)
        return head

    def grade(
        self,
        head: str,
        *options: str,
        in_a_process: bool = False,
        event: Mapping[str, Any] | None = None,
        name: str = "",
    ) -> Run:
        """Run `grade ci` in a bare clone, as a workflow of GitHub would, which does so in a process of its own."""
        bare, folder = self.root / "bare.git", self.root / "runner"
        if not bare.exists():
            git(self.root, "clone", "-q", "--bare", str(self.work), str(bare))
        git(bare, "fetch", "-q", str(self.work), "+pr:refs/pull/1/head")
        folder.mkdir(exist_ok=True)
        files = {name: folder / name for name in ("event", "summary", "output")}
        files["event"].write_text(
            json.dumps(event or {"pull_request": {"base": {"sha": self.base}, "head": {"sha": head}}})
        )
        for kind in ("summary", "output"):
            files[kind].unlink(missing_ok=True)
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(files["event"]),
            "GITHUB_EVENT_NAME": name or "pull_request",
            "GITHUB_SHA": head,
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "GITHUB_OUTPUT": str(files["output"]),
        }
        if "--isolation" not in options:
            options = (*options, "--isolation", self.isolation.value)
        if in_a_process:
            whole = {**os.environ, **environment}
            done: Done | subprocess.CompletedProcess[str] = subprocess.run(
                [GRADE, "ci", *options], cwd=bare, env=whole, capture_output=True, text=True, check=False
            )
        else:
            done = self.command.run("ci", *options, cwd=bare, **environment)
        said = {name: path.read_text() if path.exists() else "" for name, path in files.items()}
        outputs = dict(line.split("=", 1) for line in said["output"].splitlines())
        return Run(done.returncode, done.stdout, done.stderr, said["summary"], outputs)


def writing(files: Mapping[str, str | bytes]) -> Callable[[Path], object]:
    """Return what writes these files into a repository."""
    return lambda work: write_files(work, files)
