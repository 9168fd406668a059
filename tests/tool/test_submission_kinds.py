"""What is not source code in a hand-in: it is named for what it is, in every form, with what to hand in instead."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from helpers.archives import zipped
from helpers.doubling import GOOD, HALVE, OTHER
from helpers.forms import Files, as_folder, graded, in_every_form
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grader.submission.model import Submission

pytestmark = pytest.mark.light


class Kind(NamedTuple):
    """A file of another kind, and what it is called."""

    name: str
    content: bytes
    kind: str


def tarred(files: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as made:  # type: ignore[call-overload]
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


KINDS = {
    "RAR": Kind("work.rar", b"Rar!\x1a\x07\x01\x00" + b"\0" * 20, "a RAR archive"),
    "RAR called .zip": Kind("work.zip", b"Rar!\x1a\x07\x00" + b"\0" * 20, "a RAR archive"),
    "RAR in capitals": Kind("WORK.RAR", b"Rar!\x1a\x07\x00" + b"\0" * 20, "a RAR archive"),
    "7z": Kind("work.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 20, "a 7z archive"),
    "tar.gz": Kind("work.tar.gz", tarred({"work.py": GOOD.encode()}), "a gzip archive"),
    "tgz": Kind("work.tgz", tarred({"work.py": GOOD.encode()}), "a gzip archive"),
    "tar": Kind("work.tar", tarred({"work.py": GOOD.encode()}, "w:"), "a tar archive"),
    "tar.xz": Kind("work.tar.xz", tarred({"work.py": GOOD.encode()}, "w:xz"), "an xz archive"),
    "tar.bz2": Kind("work.tar.bz2", tarred({"work.py": GOOD.encode()}, "w:bz2"), "a bzip2 archive"),
    "PDF": Kind("work.pdf", b"%PDF-1.7\n%\xe2\xe3\n", "a PDF document"),
    "Word": Kind("work.docx", zipped({"word/document.xml": "<x/>"}), "a Word document"),
    "old Word": Kind("work.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 9, "an Office document"),
    "RTF": Kind("work.rtf", b"{\\rtf1\\ansi def double(number): ...}", "an RTF document"),
    "web page": Kind("work.html", b"<!DOCTYPE html><html></html>", "a web page"),
    "picture": Kind("work.png", b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
    "shortcut": Kind("work.py.lnk", b"L\0\0\0\x01\x14\x02\0", "a shortcut to a file"),
    "text": Kind("work.txt", GOOD.encode(), "a text file"),
    "text without an ending": Kind("work", "größe".encode(), "a text file"),
    "notebook by another name": Kind("work.json", notebook(GOOD).encode(), "a notebook under another name"),
    "archive by another name": Kind("work.data", zipped({"work.py": GOOD}), "a zip archive under another name"),
    "compiled": Kind("work.pyc", b"\xcb\r\r\n\0\0\0\0", "compiled Python"),
    "unfinished": Kind("work.zip.crdownload", b"PK\x03", "an unfinished download"),
    "empty": Kind("work.doc", b"", "an empty file"),
    "a name from right to left": Kind("\u202efdp.py.pdf", b"%PDF-1.7", "a PDF document"),
    "anything else": Kind("work.bin", b"\0\x01\x02\xff", "a file of another kind"),
}


@in_every_form
@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS)
def test_what_is_not_source_is_named(tmp_path: Path, form: Callable[[Path, Files], Submission], case: Kind) -> None:
    submission = form(tmp_path, {case.name: case.content})
    called = case.name.replace("\u202e", r"\u202e")
    remedy = "hand in the .py file or the notebook itself, or a zip archive of your files."
    assert graded(submission) == (
        f"{submission.name} contains no .py file or notebook, only `{called}`, {case.kind}: {remedy}"
    )
    assert graded(submission, HALVE) == graded(submission)


INSIDE = {
    "PDF": Kind("double.py", b"%PDF-1.7\n", "a PDF document"),
    "RAR": Kind("double.py", b"Rar!\x1a\x07\x00", "a RAR archive"),
    "Word": Kind("double.py", zipped({"word/document.xml": "<x/>"}), "a zip archive"),
    "web page": Kind("double.py", b"\n<!DOCTYPE html>\n<html>", "a web page"),
    "web page for a notebook": Kind("double.ipynb", b"<html lang='en'>", "a web page"),
    "RTF": Kind("double.py", b"{\\rtf1\\ansi def double(number): ...}", "an RTF document"),
    "gzip": Kind("double.ipynb", tarred({"work.py": GOOD.encode()}), "a gzip archive"),
}


@in_every_form
@pytest.mark.parametrize("case", INSIDE.values(), ids=INSIDE)
def test_what_is_only_called_source_is_named(
    tmp_path: Path, form: Callable[[Path, Files], Submission], case: Kind
) -> None:
    submission = form(tmp_path, {case.name: case.content, "halve.py": OTHER})
    remedy = "hand in the code itself."
    assert graded(submission) == f"{case.name} is really {case.kind}, not Python or a notebook: {remedy}"
    assert graded(submission, HALVE) == "halve.py"


def test_many_files_of_other_kinds_are_counted(tmp_path: Path) -> None:
    submission = as_folder(tmp_path, {f"{number}.pdf": b"%PDF-1.7" for number in range(5)})
    assert (
        "only `0.pdf`, a PDF document, `1.pdf`, a PDF document, `2.pdf`, a PDF document and 2 more files of other kinds: "
        in graded(submission)
    )


def test_what_is_not_source_beside_files_is_named_where_something_is_missing(tmp_path: Path) -> None:
    submission = as_folder(tmp_path, {"halve.py": OTHER, "work.rar": b"Rar!\x1a\x07\x00"})
    assert graded(submission, HALVE) == "halve.py"
    assert graded(submission) == (
        "`double` was not found in alice (read: halve.py): define `def double(number)`.\n"
        "Not read: work.rar is a RAR archive, which is not opened: hand in the files themselves or a zip archive."
    )
