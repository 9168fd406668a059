"""Single keys of a terminal, without waiting for Enter."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TICK_SECONDS = 0.2


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
    while not stop.is_set():
        readable, _, _ = select.select([terminal], [], [], _TICK_SECONDS)
        if readable:
            read = os.read(terminal, 1)
            if not read:  # the terminal is gone
                pressed("q")
                return
            pressed(read.decode("ascii", "replace"))
