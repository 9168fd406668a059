"""The end of what a call printed, with a first line that says how much before it is left out."""

from __future__ import annotations

import re

_REMARK = re.compile(r"\.\.\. \((\d+) characters before this are left out\)\n")
_ROOM = 60  # for the remark


def end_of(text: str, most: int, *, most_lines: int | None = None, left_out: int = 0) -> str:
    """Return the end of a text, at most `most` characters and `most_lines` lines, and whole lines if possible.

    `left_out` characters have been left out already; so have those that a remark of this function in the text counts.
    """
    if earlier := _REMARK.match(text):
        text, left_out = text[earlier.end() :], left_out + int(earlier[1])
    lines = text.splitlines(keepends=True)
    end = "".join(lines[-most_lines:]) if most_lines is not None else text
    if not left_out and len(end) == len(text) <= most:
        return text
    if len(end) > most - _ROOM:
        end = end[-(most - _ROOM) :]
        begun = end.find("\n") + 1
        if 0 < begun < len(end):
            end = end[begun:]
    return f"... ({left_out + len(text) - len(end)} characters before this are left out)\n{end}"
