"""Reads and shows moments in a course's time zone, in which clocks may change twice a year."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import tzinfo


def zone_called(name: str) -> ZoneInfo:
    """Return the time zone that has a name in the IANA database; raise `ValueError` if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:  # the latter for names of folders
        raise ValueError(f"No time zone is called {name}.") from error


def moment_of(text: str, zone: tzinfo, *, later: bool = True) -> datetime:
    """Return the moment that a text in ISO 8601 form says, in UTC and whole seconds; fractions are dropped.

    Without an offset it is a local time of the zone. One that a clock shows twice means the `later` of the two, or the
    earlier.

    Raises:
        ValueError: there is no such date or time, or clocks in the zone skip it.
        OverflowError: it is at the end of all years that can be counted.
    """
    read = datetime.fromisoformat(text).replace(microsecond=0)
    if read.tzinfo is not None:
        return read.astimezone(zone).astimezone(UTC)
    moment = read.replace(tzinfo=zone, fold=int(later)).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != read:
        raise ValueError(f"Clocks in {zone} skip {text}.")
    return moment


def handed_in(said: str | None, zone: tzinfo) -> datetime | None:
    """Return when something was handed in, as `moment_of` does; None if nobody knows, or if no clock shows that."""
    try:
        return None if said is None else moment_of(said, zone, later=False)
    except (ValueError, OverflowError):
        return None


def shown(moment: datetime, zone: tzinfo) -> str:
    """Return a moment as people in the zone read it: to the minute, or to the second where that is not zero."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def minute(moment: str) -> str:
    """Return a time in ISO 8601 form to the minute, as people read it in its own zone; any other text as it is."""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return f"{found:%Y-%m-%d %H:%M} {found.tzname() or ''}".strip()
