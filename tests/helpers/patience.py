"""Limits for tests: only what never ends meets a generous one, and waiting ends with what is waited for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ENDLESS = 600.0  # seconds on the clock, after which something will never happen, however slow and busy the machine is
PLENTY = 60.0  # CPU seconds for a call that ends by itself: a hundred times what the longest of them takes
BRIEF = 0.1  # CPU seconds for a call that does not end and has to be stopped
_PAUSE = 0.01


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    """Return as soon as something holds; fail with the sentence `otherwise` if it never does."""
    until = time.monotonic() + ENDLESS
    while not holds():
        assert time.monotonic() < until, otherwise
        time.sleep(_PAUSE)
