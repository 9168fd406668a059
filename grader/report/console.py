"""Opens a console of Rich that draws as is right for where it draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from typing import TextIO

_WIDTH_OF_A_FILE = 100


def console(file: TextIO, like: TextIO | None = None) -> Console:
    """Return a console that draws into `file` as is right for `like`, which is the same stream if not given.

    Colours are for terminals only, and never with NO_COLOR; anything else has a fixed width.
    """
    stream = like or file
    terminal = stream.isatty()
    return Console(
        file=file,
        force_terminal=True if terminal else None,
        width=Console(file=stream).width if terminal else _WIDTH_OF_A_FILE,
        highlight=False,
        emoji=False,
    )
