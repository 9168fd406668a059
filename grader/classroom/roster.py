"""Reads who is in a class: the tables that platforms export, or any CSV file with a heading line."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from grader.errors import UsageError
from grader.submission.disk import content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from grader.submission.entries import Entry

MAX_BYTES = 16_000_000
# What columns are called; each may be the first that a table has of its kind.
_HEADINGS = {
    "id": ("id", "student id", "student_id", "user id", "user_id", "matriculation number", "number"),
    "identifier": ("identifier", "roster_identifier"),
    "student": ("student", "key"),
    "sis": ("sis user id",),
    "login": ("login", "username", "github_username", "sis login id", "user", "user name"),
    "sid": ("sid",),
    "email": ("email", "e-mail", "email address", "e-mail-adresse", "mail"),
    "name": ("name", "full name", "vollständiger name", "display name"),
    "first": ("first name", "first_name", "firstname", "given name"),
    "last": ("last name", "last_name", "lastname", "surname", "family name"),
    "group": ("group", "team", "gruppe", "group name", "group_name"),
    "submitted_at": ("submission time", "datetime", "submission_timestamp", "last modified (submission)"),
    "late": ("late", "lateness (h:m:s)"),
}
_IDS = ("id", "identifier", "student", "sis", "login", "sid", "email", "name")
_NUMBERED = re.compile(r"\D*\D(?P<number>\d+)")
_TEST_STUDENTS = {"student, test", "test student"}
_ENGLISH = ("%A, %d %B %Y, %I:%M %p", "%A, %B %d, %Y, %I:%M %p", "%A, %d %B %Y, %H:%M")  # of Moodle; in the USA


class Member(NamedTuple):
    """Somebody in the class: the key in the gradebook, the name, and all else that a hand-in may be known by."""

    key: str
    name: str
    ids: frozenset[str] = frozenset()
    group: str = ""
    submitted_at: str | None = None
    late: bool | None = None
    linked: bool = True  # whether the key is what hand-ins are known by, and not a name for want of that

    @property
    def is_test(self) -> bool:
        """Whether this is the student that a platform makes for its teachers."""
        return self.name.casefold() in _TEST_STUDENTS


class Roster:
    """The members of a class, in the order of the file; empty if nobody was named."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        self._by_key = {_folded(member.key): member for member in reversed(self.members)}
        self._by_id: dict[str, Member | None] = {}
        for member in self.members:
            for known in member.ids:
                self._by_id[known] = None if known in self._by_id else member  # two people's: it tells nobody apart
        self._groups: dict[str, list[Member]] = {}
        for member in self.members:
            if member.group:
                self._groups.setdefault(_plain(member.group), []).append(member)

    def find(self, known_by: str) -> Member | None:
        """Return who has a key, or else a number, login, address or name that nobody else has."""
        return self._by_key.get(_folded(known_by)) or self._by_id.get(_folded(known_by))

    def group(self, name: str) -> list[Member]:
        """Return the members of a group, by its name with or without blanks, commas and the like."""
        return self._groups.get(_plain(name), [])

    def submitted_at(self, keys: Iterable[str]) -> str | None:
        """Return when the first of some people handed in, None if that is not said."""
        return next((member.submitted_at for key in keys if (member := self.find(key))), None)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _plain(group: str) -> str:
    return "".join(c for c in _folded(group) if c.isalnum() or c == "_")


def read_roster(path: Path, columns: Sequence[str], *, digits: bool) -> Roster:
    """Read a table of the class; `columns` are those that may hold the key, the best first.

    With `digits`, the key is the digits at the end of a cell.

    Raises:
        UsageError: the file cannot be read, is not UTF-8 or no table, or no column says who somebody is.
    """
    read, obstacle = content(path, MAX_BYTES + 1)
    if obstacle:
        raise UsageError(f"{path} {obstacle}.")
    return _read(str(path), read, columns, digits=digits)


def read_entries(file: Entry, columns: Sequence[str], *, digits: bool) -> Roster:
    """Read a table that lies in a download."""
    read, obstacle = file.content(MAX_BYTES + 1)
    if obstacle:
        raise UsageError(f"{file.path} {obstacle}.")
    return _read(file.path, read, columns, digits=digits)


def _read(name: str, read: bytes, columns: Sequence[str], *, digits: bool) -> Roster:
    rows = _rows(name, read)
    places = _places(rows)
    members: dict[str, Member] = {}
    for row in rows[1:]:
        member = _member(places, row, columns, digits=digits)
        if member is not None:
            members.setdefault(member.key, member)  # of several attempts the first is the newest
    if not members:
        raise UsageError(
            f"{name} names nobody: its first line must be headings such as `student`, `id`, `email`, `name`, and one "
            "line per student must follow."
        )
    return Roster(list(members.values()))


def _rows(name: str, read: bytes) -> list[list[str]]:
    if len(read) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES // 10**6} MB: give a table of one class.")
    try:
        text = read.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 (byte {error.start}): save it as CSV in UTF-8.") from error
    heading = text.partition("\n")[0]
    separator = max(",;\t", key=heading.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise UsageError(f"{name} is not a CSV file ({error}): save it as CSV in UTF-8.") from error
    return [row for row in rows if any(cell.strip() for cell in row)] or [[]]


def _places(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return where each kind of column stands; Moodle's headings are in any language, but its cells are alike."""
    headings = [heading.strip().casefold() for heading in rows[0]]
    places = {
        kind: headings.index(name) for kind, names in _HEADINGS.items() for name in names[::-1] if name in headings
    }
    if "id" in places and "student" in places and "name" not in places:
        places["name"] = places.pop("student")  # as in Canvas
    first = [row[0] for row in rows[1:]]
    if first and all(_NUMBERED.fullmatch(cell) for cell in first) and not {"id", "identifier"} & set(places):
        places["identifier"] = 0
    return places


def _member(places: Mapping[str, int], row: Sequence[str], columns: Sequence[str], *, digits: bool) -> Member | None:
    cells = {kind: row[at].strip() for kind, at in places.items() if at < len(row)}
    name = cells.get("name") or " ".join(filter(None, (cells.get("first"), cells.get("last"))))
    if "login" in places:  # GitHub Classroom's table may have no other name
        name = name or cells.get("identifier", "")
    best = next((kind for kind in (*columns, *_IDS) if cells.get(kind)), "")
    key = cells.get(best, "")
    linked = best == next((kind for kind in columns if kind in places), best)
    numbered = _NUMBERED.fullmatch(key) if digits else None
    key = numbered["number"] if numbered else key
    without_id = "id" in places and not cells.get("id") and key == name
    if not key or without_id or row[0].strip() == "Points Possible":  # lines about assignments, not about people
        return None
    ids = {_folded(cells[kind]) for kind in _IDS if cells.get(kind)} | ({_folded(name)} if name else set())
    late = _late(cells.get("late", ""))
    return Member(
        key, name, frozenset(ids), cells.get("group", ""), _moment(cells.get("submitted_at", "")), late, linked
    )


def _late(cell: str) -> bool | None:
    match cell.casefold():
        case "true" | "yes" | "1":
            return True
        case "false" | "no" | "0":
            return False
    hours = re.fullmatch(r"(\d+):(\d+):(\d+)", cell)
    return any(map(int, hours.groups())) if hours else None


def _moment(cell: str) -> str | None:
    """Return a time in ISO 8601 form, None if it is in none of the forms that platforms write in English."""
    iso = re.sub(r" ([+-]\d\d):?(\d\d)$", r"\1:\2", cell.replace(" UTC", "+00:00"))
    for form in ("", *_ENGLISH):
        with suppress(ValueError):
            return (datetime.strptime(iso, form) if form else datetime.fromisoformat(iso)).isoformat()
    return None
