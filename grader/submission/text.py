"""Names and texts of files as messages show them, and what is wrong with a name."""

from __future__ import annotations

import os
import re
import sys
import unicodedata

_LONGEST_NAME = 200  # bytes; most systems take 255, and a notebook's module has a longer name than the notebook
_LONGEST_PATH = 1000
_EMBEDDED = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[\w+/=]+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# What only a newer Python takes: its version, a line, and the beginning of what an older one says of it.
_NEWER = (
    ((3, 12), re.compile(r"[ \t]*(?:(?:async[ \t]+)?(?:def|class)|type)[ \t]+\w+[ \t]*\["), ""),
    ((3, 12), re.compile(r"[ \t]*type[ \t]+\w+[ \t]*="), ""),
    ((3, 12), re.compile(r""), "f-string"),  # the same quotes, backslashes and comments within its braces
    ((3, 14), re.compile(r"[ \t]*except[ \t]+\w+[ \t]*,"), ""),
    ((3, 14), re.compile(r".*\bt[\"']"), ""),
)
_SHOWN_COLUMNS = 80  # how much of a long line is shown around a syntax error


def name_problem(path: str) -> str:
    """Return why a file of this name cannot be used, "" if it can."""
    encoded = os.fsencode(path)
    if len(encoded) > _LONGEST_PATH or max(map(len, encoded.split(b"/"))) > _LONGEST_NAME:
        return "has a name that is too long: rename it"
    return ""


def with_newlines(text: str) -> str:
    """Return the text with the line ends that Python uses."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain(text: str) -> str:
    """Return prose as it may be stored and shown: with no control characters but line ends and tabs.

    Pictures inside the text, which take megabytes, are left out.
    """
    return _CONTROLS.sub("\ufffd", with_newlines(_EMBEDDED.sub("left-out", text)))


def syntax_problem(head: str, text: str, error: SyntaxError) -> str:
    """Return the sentence that begins with `head`, and below it the line with a caret under the column."""
    number = error.lineno or 1
    lines = text.split("\n")
    line = lines[number - 1] if number <= len(lines) else ""
    column = min(max((error.offset or 1) - 1, 0), len(line))
    first = 0 if column < _SHOWN_COLUMNS else column - _SHOWN_COLUMNS // 2
    shown = "".join(c if c.isprintable() else " " for c in line[first : first + _SHOWN_COLUMNS])
    return f"{head} ({error.msg}): {_remedy(line, error.msg or '')}.\n    {shown}\n    {' ' * (column - first)}^"


def _remedy(line: str, said: str) -> str:
    for version, pattern, beginning in _NEWER:
        if sys.version_info < version and pattern.match(line) and said.startswith(beginning):
            newer, ours = (".".join(map(str, each[:2])) for each in (version, sys.version_info))
            return f"it may be Python {newer}, and your work is graded with Python {ours}"
    return "correct it"


def shown(path: str) -> str:
    """Return what a file is called in messages and to the worker: accents as one character, nothing unprintable."""
    return printable(unicodedata.normalize("NFC", path))


def printable(text: str) -> str:
    """Escape what a terminal or UTF-8 could not take, as a file's name may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
