"""Names of files for students: safe on every system, different from each other, and as close to their keys as that."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 100  # bytes; with a number and an ending it still fits everywhere
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}  # on Windows


def file_names(students: Iterable[str]) -> dict[str, str]:
    """Return a name for each key; two that differ in letter case alone, or not after cleaning, get a number."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for student in students:
        name = _clean(student)
        number = 1
        while _one_case(candidate := name if number == 1 else f"{name}-{number}") in taken:
            number += 1
        taken.add(_one_case(candidate))
        found[student] = candidate
    return found


def _clean(key: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-.@+=," else "_" for c in unicodedata.normalize("NFC", key))
    short = kept.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")
    short = re.sub(r"^[.=+@,-]+|[. ]+$", "_", short)  # neither hidden, nor an option, nor a formula
    return f"_{short}" if not short or short.partition(".")[0].casefold() in _RESERVED else short


def _one_case(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
