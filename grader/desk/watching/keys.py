"""Single keys of a terminal, without waiting for Enter."""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TICK_SECONDS = 0.2
# What a terminal sends that is no single key: arrows, and answers to who asks what pictures it can show.
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[P_\]X^].*?(?:\x1b\\|\x07)|[^\[P_\]X^])", re.DOTALL)


@contextlib.contextmanager
def keys(pressed: Callable[[str], None]) -> Iterator[bool]:
    """Call `pressed` with every key while the block runs; yield whether there is a terminal that has keys."""
    if sys.stdin is None or not sys.stdin.isatty():
        yield False
        return
    import termios
    import tty

    terminal, stop = sys.stdin.fileno(), threading.Event()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSANOW)
    thread = threading.Thread(target=_read, args=(terminal, pressed, stop), daemon=True)
    thread.start()
    try:
        yield True
    finally:
        stop.set()
        thread.join()
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def _read(terminal: int, pressed: Callable[[str], None], stop: threading.Event) -> None:
    unfinished = b""
    while not stop.is_set():
        readable, _, _ = select.select([terminal], [], [], _TICK_SECONDS)
        if readable:
            read = os.read(terminal, 1000)
            if not read:  # the terminal is gone
                pressed("q")
                return
            typed, escape, rest = _SEQUENCE.sub(b"", unfinished + read).partition(b"\x1b")
            unfinished = escape + rest
            for key in typed.decode("ascii", "replace"):
                pressed(key)
