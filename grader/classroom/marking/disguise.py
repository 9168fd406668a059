"""Hides who students are: everywhere in addresses, and on demand on the pages."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.marking.code import visible

if TYPE_CHECKING:
    from grader.classroom.records import StudentRecord

_DIGITS = 10  # of a number that stands for a student: enough for no two of a class to have the same


class Numbers:
    """Numbers that stand for students while the server runs; nobody can tell from one whose it is."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def of(self, student: str) -> str:
        """Return the number that stands for a student."""
        return hmac.new(self._secret, student.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:_DIGITS]


class Disguise(NamedTuple):
    """What pages call one student: by name, or `hidden` by a number and without names in sentences and of files.

    What the student wrote is shown as it is.
    """

    record: StudentRecord
    number: str
    hidden: bool

    @property
    def label(self) -> str:
        """What the student is called."""
        return disguised(self.number) if self.hidden else visible(self.record.label)

    def sentence(self, text: str) -> str:
        """Return a sentence of the grader, without the student's name and key and the names of their files."""
        if not self.hidden:
            return visible(text)
        record = self.record
        names = {record.student, record.name}
        for attempt in record.attempts:
            names |= {attempt.handin, PurePosixPath(attempt.handin).stem, *attempt.members}
            for stored in attempt.results.values():
                names |= {part for path in stored.code for part in (path, PurePosixPath(path).name)}
        longest_first = sorted(filter(str.strip, names), key=len, reverse=True)
        pattern = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first)
        return visible(re.sub(pattern, "(hidden)", text, flags=re.IGNORECASE) if pattern else text)

    def file(self, index: int, path: str) -> str:
        """Return what a file is called, which may be named after the student."""
        return f"File {index + 1}{PurePosixPath(path).suffix}" if self.hidden else visible(path)


def disguised(number: str) -> str:
    """Return what a student without a name is called."""
    return f"Student {number}"
