"""Runs commands on paths that are closed to them, as `python closed_paths.py`, and prints what came of it as JSON.

A process of its own, because no path is closed to root: it is run as a user without any rights.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from grader.cli.main import run as grade
from helpers.course_factory import make_course, write_files


class Case(NamedTuple):
    """A command, the path that is closed before it runs, and the permissions that are left."""

    command: list[str]
    path: str
    mode: int = 0


OUT = ["-o", "../out/file"]
CASES = {
    "submission": Case(["--submission", "../handins"], "handins"),
    "exercises": Case(["list"], "course/exercises"),
    "course page": Case(["list"], "course/exercises/README.md"),
    "check file": Case(["--submission", "../right.py"], "course/exercises/numbers/checks/test_double.py"),
    "rubric": Case(["list"], "course/rubrics/numbers.toml"),
    "reference": Case(["--submission", "../right.py"], "course/reference/numbers/double"),
    "folder of verdicts": Case(["--submission", "../right.py", *OUT], "out", 0o555),
    "verdict": Case(["--submission", "../right.py", *OUT], "out"),
    "report of verify": Case(["verify", *OUT], "out"),
    "hand-ins": Case(["batch", "../handins", "--gradebook", "g.sqlite"], "handins", 0o444),
    "wrong variant": Case(
        ["batch", "../handins", "--gradebook", "g.sqlite"], "course/reference/numbers/double/wrong/unchanged.py"
    ),
    "gradebook to make": Case(["batch", "../handins", "--gradebook", "../out/g.sqlite"], "out"),
    "gradebook to read": Case(["export", "--gradebook", "../out/g.sqlite"], "out"),
    "release beside others": Case(["release", "../out/new"], "out", 0o555),
    "release in a closed folder": Case(["release", "../out/new"], "out"),
    "page to release": Case(["release", "../new"], "course/exercises/numbers/README.md"),
    "lesson of a new exercise": Case(
        ["new", "numbers/triple", "--signature", "(n: int) -> int"], "course/exercises/numbers", 0o555
    ),
    "rubric of a new exercise": Case(
        ["new", "numbers/triple", "--signature", "(n: int) -> int"], "course/rubrics/numbers.toml"
    ),
    "notebook": Case(["notebook", "build"], "course/exercises/numbers", 0o555),
    "page of a notebook": Case(["notebook", "build"], "course/exercises/numbers/README.md"),
    "report on a pull request": Case(["ci", "--base", "a", "--head", "b", *OUT], "out"),
    "table of tolerances": Case(["calibrate", "--model", "/nowhere", *OUT], "out"),
    "model": Case(["--tier", "gpu", "--model", "../out"], "out"),
}


def run(case: Case) -> tuple[int, str]:
    """Return a command's exit status and what it says on standard error."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        course = make_course(root / "course", changes={"exercises/numbers/README.md": "# Numbers\n"})
        write_files(root, {"right.py": "def double(number): return 2 * number", "handins/ada.py": ""})
        (root / "out").mkdir()
        os.chdir(course)
        sys.argv = ["grade", *case.command]
        closed = root / case.path
        mode = closed.stat().st_mode
        closed.chmod(case.mode)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            status = grade()
        closed.chmod(mode)
        os.chdir("/")
        return status, said.getvalue()


if __name__ == "__main__":
    print(json.dumps({name: run(case) for name, case in CASES.items()}))
