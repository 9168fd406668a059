"""Tells what a file was called before a system, or its writer, made a copy of it."""

from __future__ import annotations

import re

_COPY = r"(?:copy|copie|copia|cópia|kopie|kopia|kopi|kopio|副本)"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MARKS = tuple(
    re.compile(mark, re.IGNORECASE)
    for mark in (
        r"[ _]?\(\d{1,3}\)$",  # browsers, Google Drive, Dropbox
        rf" ?- ?{_COPY}(?: ?\(?\d{{1,3}}\)?)?$",  # Windows, Jupyter
        rf" {_COPY}(?: \d{{1,3}})?$",  # macOS
        rf" ?\((?:[^()]{{1,20}} )?{_COPY}\)$",  # GNOME, KDE
        rf"^{_COPY} (?:of|von|de|di|av|van) ",  # Google Drive
        rf"-(?:\d{{1,2}}|{_UUID})$",  # Canvas, Safari
        r" \d{1,2}$",  # macOS, iOS
    )
)
_VERSION = re.compile(r"[ _-](?:v\d{1,2}|final\d?|new|fixed)$", re.IGNORECASE)
_ASIDE = re.compile(r"_?(?:old|older|bak|backups?|previous|outdated|archived?|attic|deprecated)", re.IGNORECASE)
_MOST_MARKS = 4


def without_copy_mark(stem: str) -> str:
    """Return a stem without what systems add to tell a copy from its original: `work` for `work (1)`."""
    for _ in range(_MOST_MARKS):
        shorter = next((cut for mark in _MARKS if (cut := mark.sub("", stem)) not in (stem, "")), stem)
        if shorter == stem:
            break
        stem = shorter
    return stem


def original(stem: str) -> str:
    """Return a stem without such marks and without what people add themselves: `work` for `work_v2`."""
    for _ in range(_MOST_MARKS):
        shorter = _VERSION.sub("", without_copy_mark(stem))
        if shorter in (stem, ""):
            break
        stem = shorter
    return stem


def is_kept_aside(path: str) -> bool:
    """Tell a file in a folder that is called as people call a place for what no longer counts: `old/work.py`."""
    return any(_ASIDE.fullmatch(folder) for folder in path.split("/")[:-1])


def same_code(one: str, other: str) -> bool:
    """Tell whether two texts differ at most in the blanks at the ends of lines and of the text."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]
