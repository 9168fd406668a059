"""Draws with Rich as is right for where it is shown: a terminal, a file, or a console with few characters."""

from __future__ import annotations

import io
import os
import re
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from rich.console import RenderableType

_WIDTH_OF_A_FILE = 100
_LEAST_WIDTH = 20
_BLANKS_AT_THE_END = re.compile(r"[ \t]+((?:\x1b\[[\d;]*m)*)$", re.MULTILINE)
# What the fonts of an old Windows console and of a bare Linux console lack, and what they have in its place.
_IN_OLD_FONTS = str.maketrans({"✓": "√", "✗": "×", "→": ">"})  # noqa: RUF001 - the sign that such fonts have
_IN_ASCII = str.maketrans({"✓": "+", "✗": "x", "·": "-", "→": ">"})


def console(file: TextIO, like: TextIO | None = None, *, colours: bool = True) -> Console:
    """Return a console that draws into `file` as is right for `like`, which is the same stream if not given.

    Colours are for terminals and where FORCE_COLOR asks for them, never with NO_COLOR or without `colours`. What is not
    a terminal is as wide as COLUMNS says, or 100 wide.
    """
    stream = like or file
    terminal = stream.isatty()
    of_stream = Console(file=stream, force_jupyter=False)
    return Console(
        file=file,
        force_terminal=(True if terminal else None) if colours else False,
        force_jupyter=False,  # in a notebook's kernel, Rich would show things itself
        width=of_stream.width if terminal else _width_of_a_file(os.environ),
        height=of_stream.height,
        highlight=False,
        emoji=False,
    )


def drawn(content: RenderableType, like: TextIO | None = None) -> str:
    """Return what is shown of something, for a stream like this one: lines without blanks at their ends.

    Without a stream it is text without colours.
    """
    drawing = io.StringIO()
    console(drawing, like=like, colours=like is not None).print(content)
    text = drawing.getvalue().rstrip("\n")
    while (shorter := _BLANKS_AT_THE_END.sub(r"\1", text)) != text:
        text = shorter
    return text.translate(_marks(like, os.environ)) if like is not None else text


def _width_of_a_file(environment: Mapping[str, str]) -> int:
    columns = environment.get("COLUMNS", "")
    return max(int(columns), _LEAST_WIDTH) if columns.isdecimal() and int(columns) else _WIDTH_OF_A_FILE


def _marks(stream: TextIO, environment: Mapping[str, str]) -> dict[int, str]:
    """Return what to show in the place of marks that a stream cannot encode, or that its font does not have."""
    try:
        "✓✗".encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return _IN_ASCII
    old_windows = "WSL_DISTRO_NAME" in environment and not environment.keys() & {"WT_SESSION", "TERM_PROGRAM"}
    return _IN_OLD_FONTS if stream.isatty() and (old_windows or environment.get("TERM") == "linux") else {}
