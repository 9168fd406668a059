"""Moodle, "Download all submissions": a folder per student and plugin, or files whose names begin with that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.classroom.platforms.platform import (
    Found,
    HandedIn,
    Person,
    Platform,
    could_be_handins,
    label_of,
    letters,
)
from grader.submission.text import printable

if TYPE_CHECKING:
    from grader.classroom.platforms.download import Download
    from grader.classroom.roster import Roster
    from grader.submission.entries import Entry

_NAMED = re.compile(r"(?P<name>.*?)(?:_(?P<number>\d+))?_assignsubmission_(?P<plugin>[a-z]+)_?(?P<rest>.*)", re.DOTALL)
_TEXT = "onlinetext"


def _recognise(download: Download) -> bool:
    named = {
        name for name in download.top() if (found := _NAMED.fullmatch(name)) and (found["number"] or found["name"])
    }
    return bool(named) and named.issuperset(could_be_handins(download))


def _find(download: Download, roster: Roster) -> Found:
    whose: dict[tuple[str, str], list[tuple[str, Entry]]] = {}
    ignored = []
    for top, files in download.top().items():
        named = _NAMED.fullmatch(top)
        if named is None or not (named["number"] or named["name"]):
            ignored.append(printable(top))
            continue
        owned = whose.setdefault((named["name"], named["number"] or ""), [])
        for file in files:
            inside = file.path.partition("/")[2] or named["rest"]
            owned.append((named["plugin"], file._replace(path=inside)))
    names = {name for name, _ in whose}
    blind = len(names) == 1 and (len(whose) > 1 or names == {"Participant"})  # whatever the word for it is elsewhere
    return Found([_handed_in(*of, files, roster, blind=blind) for of, files in whose.items()], ignored)


def _handed_in(name: str, number: str, files: list[tuple[str, Entry]], roster: Roster, *, blind: bool) -> HandedIn:
    people, remarks, group_unknown = _people(name, number, roster, blind=blind)
    late = next((member.late for person in people if (member := roster.find(person.key))), None)
    return HandedIn(
        label_of(people),
        people,
        tuple(file for plugin, file in files if plugin != _TEXT),
        tuple(file for plugin, file in files if plugin == _TEXT and file.path.lower().endswith((".html", ".htm"))),
        submitted_at=roster.submitted_at([person.key for person in people]),
        late=late,
        remarks=remarks,
        group_unknown=group_unknown,
    )


def _people(name: str, number: str, roster: Roster, *, blind: bool) -> tuple[tuple[Person, ...], tuple[str, ...], bool]:
    """Return whose a hand-in is, what there is to say about it, and whether it is of a group that is not known.

    A group's number is of another kind than a participant's and may equal one, so the names must agree, too.
    """
    shown = name.strip() or number
    if blind and number:
        member = roster.find(number)
        return (Person(number, (member.name if member else "") or f"{shown} {number}"),), (), False
    member = roster.find(number) if number else None
    if member is not None and (not member.name or letters(member.name) == letters(name)):
        return (Person(member.key, member.name or shown),), (), False
    members = roster.group(name)
    if members:
        return tuple(Person(each.key, each.name or each.key) for each in members), (), False
    if not number:
        said = f"{shown} has no number, so it is of people without a group, and nothing says of whom."
        return (Person(shown, shown),), (said,), True
    if member is not None or roster.members:
        said = (
            f"{shown} ({number}) is not a participant of the roster, so it is read as a group's, whose members are "
            "unknown: name them in a column `group` of the roster."
        )
        return (Person(f"{shown}_{number}", shown),), (said,), True
    return (Person(number, shown),), (), False


PLATFORM = Platform("moodle", "Moodle", _recognise, _find, ("identifier", "id", "student"), digits=True)
