"""Reads the text beside the code, in which exercises may be answered: files of text, and notebooks' text cells."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from grader.submission import limits
from grader.submission.answers import Text
from grader.submission.entries import Form
from grader.submission.kinds import HEAD_BYTES, foreign_kind
from grader.submission.notebook.cells import NotANotebookError, all_cells
from grader.submission.text import plain, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.submission.contents import Content
    from grader.submission.entries import Entry

_DOCUMENT = re.compile(r"\.(?:pdf|docx?|odt|rtf|pages)$", re.IGNORECASE)
_CUT = f"is longer than {limits.MAX_TEXT_BYTES // 1000} kB: what comes after that is not read. Shorten it."
_TOO_MUCH = (
    f"There is more than {limits.MAX_TEXTS_BYTES // 10**6} MB of text beside the code, of which not all was looked at: "
    "hand in only your own."
)


class Texts:
    """The texts of a submission, up to what it may hold."""

    def __init__(self) -> None:
        self.found: list[Text] = []
        self._room = limits.MAX_TEXTS_BYTES

    def add_files(self, entries: Iterable[Entry]) -> None:
        """Read files of text, and name documents that are not read. Where there is too much, the smallest are taken."""
        texts = [text for entry in entries for text in _of_entry(entry)]
        self._add(sorted(texts, key=lambda text: len(text.text)))

    def add_examples(self, entries: Iterable[Entry]) -> None:
        """Read files of examples. Where there is too much, the smallest are taken."""
        texts = [_read(entry) for entry in entries if entry.form is Form.EXAMPLES]
        self._add(sorted(texts, key=lambda text: len(text.text)))

    def add_cells(self, content: Content) -> None:
        """Take the text cells of a notebook; one that cannot be read has none."""
        if content.is_notebook and content.is_whole:
            self._add(_cells(content))

    def _add(self, texts: Iterable[Text]) -> None:
        for text in texts:
            if self._room < len(text.text) or len(self.found) >= limits.MAX_TEXTS:
                self._room = 0
                if not any(text.sentence == _TOO_MUCH for text in self.found):
                    self.found.append(Text("", "", sentence=_TOO_MUCH))
                return
            self._room -= len(text.text)
            self.found.append(text)


def _of_entry(entry: Entry) -> Iterator[Text]:
    if entry.form is Form.TEXT:
        yield _read(entry)
    elif _DOCUMENT.search(entry.path):
        yield Text(entry.shown, "", sentence=f"{entry.shown} is not read: write your answer in a .md or .txt file.")


def _read(entry: Entry) -> Text:
    path = printable(entry.shown)
    data, obstacle = entry.content(limits.MAX_TEXT_BYTES + 1)
    if not obstacle and (kind := foreign_kind(path, data[:HEAD_BYTES])):
        obstacle = f"is really {kind.removesuffix(' under another name')}: write your answer as plain text"
    is_cut = len(data) > limits.MAX_TEXT_BYTES
    text = "" if obstacle else _decoded(data[: limits.MAX_TEXT_BYTES], is_cut=is_cut)
    if text is None:
        obstacle = "is not UTF-8: save it as UTF-8 text"
    if obstacle:
        return Text(path, "", sentence=f"{path} {obstacle}.")
    return Text(path, plain(text or ""), sentence=f"{path} {_CUT}" if is_cut else "")


def _decoded(data: bytes, *, is_cut: bool) -> str | None:
    """Return a text that is UTF-8, or UTF-16 with its mark; None if it is neither. A cut character at its end goes."""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _cells(content: Content) -> Iterator[Text]:
    try:
        cells = all_cells(content.path, content.data)
    except NotANotebookError:  # which is said where its code is missing
        return
    goes_on = False
    for cell in cells:
        text = "" if cell.is_code else plain(cell.text)
        if text.strip():
            cut = f"{content.path}, {cell.label} {_CUT}" if len(text) > limits.MAX_TEXT_BYTES else ""
            yield Text(content.path, text[: limits.MAX_TEXT_BYTES], cell.label, goes_on, cut)
        goes_on = not cell.is_code and (goes_on or text.strip() != "")
