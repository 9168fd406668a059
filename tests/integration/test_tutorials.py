"""The tutorials, followed as their readers would: every command in order, in a fresh folder, from nothing to done."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from helpers.documented import PROJECT, blocks
from helpers.tutorial import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = PROJECT / "docs"
# Two of the five lessons: a release reads all of a course, and the tutorials name no other lesson.
LESSONS = ("sampling_and_generation", "img2img_and_inpainting")
IN_A_CLONE = (
    *(f"{part}/{lesson}" for part in ("exercises", "reference") for lesson in LESSONS),
    *(f"rubrics/{lesson}.toml" for lesson in LESSONS),
    *("exercises/_*", "exercises/README.md", "reference/_*", "constraints.txt", "tests/submissions/honest"),
)
WHEEL = "diffusion_grader-9.9.9-py3-none-any.whl"


def clone(folder: Path) -> Path:
    """Copy what a tutorial uses of the repository, with something named like the wheel that `make wheel` builds."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *IN_A_CLONE]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / name, folder / name)
    (folder / "dist").mkdir(parents=True)
    (folder / "dist" / WHEEL).write_bytes(b"PK\5\6" + bytes(18))
    return folder


def release(folder: Path) -> Path:
    """Make what an instructor hands out."""
    grade = Path(sys.executable).with_name("grade")
    command = [grade, "release", folder / "course", "--git", "https://example.org/grader.git"]
    subprocess.run(command, cwd=clone(folder.parent / "clone"), check=True, capture_output=True)
    return folder


def nothing(folder: Path) -> Path:
    """Begin in an empty folder."""
    return folder


# What the reader has at the beginning.
BEGINNINGS: dict[str, Callable[[Path], Path]] = {
    "tutorials/student.md": release,
    "tutorials/instructor.md": clone,
    "tutorials/author.md": nothing,
    "tutorials/ci.md": clone,
    "semester.md": clone,
    "reference/python.md": clone,
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_it_does_what_it_says(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    Reader(BEGINNINGS[name](folder)).follow(DOCS / name)


def test_every_tutorial_is_followed() -> None:
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.glob("tutorials/*.md")}
    assert written <= set(BEGINNINGS)


def test_what_is_not_run_says_why() -> None:
    marks = [(block.place, block.marks.get("not run")) for name in BEGINNINGS for block in blocks(DOCS / name)]
    assert [place for place, reason in marks if reason is not None and len(reason.split()) < 2] == []
