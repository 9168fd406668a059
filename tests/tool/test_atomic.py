"""Files are written whole or not at all, as text or bytes, through links or in their place."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.atomic import write_atomically
from grader.errors import UsageError
from grader.report.documents import File, Files
from grader.report.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.light


@pytest.mark.parametrize(("content", "found"), [("é\n", "é\n".encode()), (b"\xff\n", b"\xff\n")], ids=["text", "bytes"])
def test_what_was_there_is_replaced_and_nothing_is_left_beside_it(
    tmp_path: Path, content: str | bytes, found: bytes
) -> None:
    path = tmp_path / "file"
    path.write_text("a longer text that was there before")
    write_atomically(path, content)
    assert path.read_bytes() == found
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_as_open_to_others_as_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    write_atomically(tmp_path / "file", "")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_an_interrupted_write_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("follow", [True, False])
def test_a_link_is_followed_or_replaced(tmp_path: Path, follow: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "file", tmp_path / "link"
    target.write_text("before")
    link.symlink_to(target)
    write_atomically(link, "after", follow_links=follow)
    assert link.read_text() == "after"
    assert link.is_symlink() == follow
    assert target.read_text() == ("after" if follow else "before")


def test_a_place_that_cannot_be_written_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere/file cannot be written \(No such file.*\): name another one\."):
        write_atomically(tmp_path / "nowhere" / "file", "", "name another one.")


@pytest.mark.parametrize("name", ["pages", "pages.zip"])
def test_several_files_are_all_there_or_none_is(tmp_path: Path, name: str) -> None:
    def files() -> Iterator[File]:
        yield File("ada/report.html", b"1")
        raise UsageError("The gradebook is gone.")

    output = Output(tmp_path / name, several=True)
    with pytest.raises(UsageError, match="The gradebook is gone"):
        output.write(Files(files()))
    assert list(tmp_path.iterdir()) == []
    output.write(Files(iter([File("ada/report.html", b"1"), File("bo.html", b"2")])))
    if name == "pages":
        assert (tmp_path / "pages/ada/report.html").read_bytes() == b"1"
        (tmp_path / "usual").mkdir()
        assert (tmp_path / "pages").stat().st_mode == (tmp_path / "usual").stat().st_mode
    else:
        assert zipfile.ZipFile(tmp_path / name).namelist() == ["ada/report.html", "bo.html"]
