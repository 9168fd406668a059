"""Writes numbers and durations as sentences need them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


_UNITS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
_SHOWN = Decimal("0.0001")


def amount(number: Decimal) -> str:
    """Return a number with up to four decimals and without trailing zeros."""
    text = f"{number.quantize(_SHOWN, rounding=ROUND_HALF_UP):f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def counted(number: Decimal | int, word: str) -> str:
    """Return a number with its unit, such as `1 token`, `2 tokens` or `0.5 points`."""
    shown = amount(Decimal(number))
    return f"{shown} {word}" if shown == "1" else f"{shown} {word}s"


def added(points: Decimal) -> str:
    """Return what is added to a score, such as `-2 points` or `+0.5 points`."""
    if not points:
        return "nothing is taken off"
    return f"{'+' if points > 0 else '-'}{counted(abs(points), 'point')}"


def duration(time: timedelta) -> str:
    """Return a length of time by its two largest units, such as `1 day and 3 hours`; what is below them is dropped."""
    rest, parts = int(time.total_seconds()), []
    for unit, seconds in _UNITS.items():
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(counted(number, unit))
    return " and ".join(parts[:2]) or "0 seconds"
