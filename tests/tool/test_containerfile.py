"""The Containerfile: its shell by shellcheck, a user of its own at the end, and nothing copied that is not there."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from helpers.containerfile import instructions

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]
CONTAINERFILE = PROJECT / "Containerfile"
FOUND = instructions(CONTAINERFILE)
BUILT = ("dist/",)  # by `make wheel`


@pytest.mark.parametrize("script", [rest for word, rest in FOUND if word == "RUN"])
def test_its_shell_passes_shellcheck(script: str) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([shellcheck, "--shell=sh", "-"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def copied() -> list[str]:
    """Return what is copied out of the clone."""
    sources = [rest.split()[:-1] for word, rest in FOUND if word == "COPY" and not rest.startswith("--from=")]
    return [name for names in sources for name in names]


def test_what_it_copies_is_there_and_reaches_the_build() -> None:
    admitted = [line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert sorted(copied()) == sorted(admitted)
    assert [name for name in copied() if not name.startswith(BUILT) and not (PROJECT / name).exists()] == []


def test_it_ends_as_a_user_without_rights_who_can_start_nothing_but_grade() -> None:
    last = [word for word, _ in FOUND]
    assert dict(FOUND)["USER"] == "10001:10001"
    assert "RUN" not in last[last.index("USER") :]
    assert json.loads(dict(FOUND)["ENTRYPOINT"]) == ["grade"]


def test_its_python_is_one_that_the_grader_supports() -> None:
    (image,) = (rest for word, rest in FOUND if word == "ARG")
    needed = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert image == f"BASE=docker.io/library/python:{needed.removeprefix('>=')}-slim"


def test_it_installs_the_builds_of_pytorch_for_the_cpu() -> None:
    (install,) = (rest for word, rest in FOUND if word == "RUN" and "pip install" in rest)
    assert install.index("installing.py --only-torch --exactly") < install.index("pip install")
