"""The C library, for system calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


class ConfinementError(Exception):
    """The kernel refused a part of the confinement."""


def checked(what: str, result: int) -> int:
    """Return what a call returned; raise `ConfinementError` if that says that it failed."""
    if result < 0:
        raise ConfinementError(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result
