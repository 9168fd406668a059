"""Canvas, "Download Submissions": files side by side, whose names begin with the student's name and numbers."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

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
    from collections.abc import Iterable, Sequence

    from grader.classroom.platforms.download import Download
    from grader.classroom.roster import Member, Roster
    from grader.submission.entries import Entry

_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<id>[^_]+)_(?:\d+_(?P<file>.+)|(?P<kind>text|link)\.html)", re.IGNORECASE | re.DOTALL
)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RENAMED = re.compile(rf"(?P<stem>[^.]+?)-(?:\d+|{_UUID})(?P<ends>(?:\.[^.]*)*)", re.IGNORECASE)
_FEWEST = 100  # no attachment of a Canvas that is in use has a smaller number
_YEARS = range(1900, 2101)


class _File(NamedTuple):
    """A file of a hand-in, which of Canvas's own it is if it is one, and the name under which a copy is taken back."""

    entry: Entry
    kind: str  # "" for what a student uploaded
    late: bool
    returned: str


class _Split(NamedTuple):
    """One way to read a file's name."""

    name: str
    late: bool
    user: str
    attachment: str  # "" for a text entry or a link
    file: str


def _splits(file_name: str) -> list[_Split]:
    """Return every way to read a name: names of people and groups may contain `_` and digits, and files too."""
    parts = file_name.split("_")
    found = []
    for at in range(1, len(parts) - 1):
        if not _is_number(parts[at]):
            continue
        late = at > 1 and parts[at - 1].casefold() == "late"
        name, rest = "_".join(parts[: at - late]), "_".join(parts[at + 2 :])
        if parts[at + 1 :] in (["text.html"], ["link.html"]):
            found.append(_Split(name, late, parts[at], "", parts[at + 1]))
        elif rest and _is_number(parts[at + 1]):
            found.append(_Split(name, late, parts[at], parts[at + 1], rest))
    return found


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and not part.startswith("0")


def _likely(splits: Iterable[_Split]) -> list[_Split]:
    return [split for split in splits if not split.attachment or int(split.attachment) >= _FEWEST]


def _likeliest(files: Sequence[Sequence[_Split]]) -> list[_Split]:
    """Return one way to read each name: with the attachment that fewest have, since no two files have the same."""
    times = Counter(split.attachment for splits in files for split in splits)
    return [min(splits, key=lambda split: times[split.attachment] if split.attachment else 0) for splits in files]


def _recognise(download: Download) -> bool:
    """Tell whether all that could be a hand-in is named as Canvas does it, which nobody does by chance."""
    expected = could_be_handins(download)
    named = [(name, _likely(_splits(name))) for name in download.top() if name not in download.folders]
    anonymous = [name for name, _ in named if _ANONYMOUS.fullmatch(name)]
    splits = _likeliest([found for name, found in named if found and name not in anonymous])
    good = {name for name, found in named if found} | set(anonymous)
    if not good or not good.issuperset(expected):
        return False
    attachments = [split.attachment for split in splits if split.attachment]
    dated = bool(splits) and all(int(split.user) in _YEARS for split in splits)
    lower = all(split.name == split.name.lower() for split in splits)
    return lower and not dated and len(set(attachments)) == len(attachments)


def _find(download: Download, roster: Roster) -> Found:
    named = {file: _splits(file.path) for file in download.files if "/" not in file.path}
    certain = {(s[0].name, s[0].user) for s in named.values() if len(s) == 1}
    whose: dict[tuple[str, str], list[_File]] = {}
    unknown, ignored = [], sorted(download.folders)
    for file, splits in named.items():
        anonymous = _ANONYMOUS.fullmatch(file.path)
        if anonymous:
            shown = anonymous["file"] or f"{anonymous['kind']}.html"
            kind = "" if anonymous["file"] else shown
            one = _File(file._replace(path=shown), kind, bool(anonymous["late"]), file.path)
            whose.setdefault(("", f"anon_{anonymous['id']}"), []).append(one)
            continue
        split = _chosen(splits, certain, roster)
        if split is not None:
            kind = "" if split.attachment else split.file
            one = _File(file._replace(path=split.file), kind, split.late, _returned(split))
            whose.setdefault((split.name, split.user), []).append(one)
        elif splits:
            unknown.append(_unknown(file, splits, roster))
        else:
            ignored.append(printable(file.path))
    return Found([_handed_in(name, user, files, roster) for (name, user), files in whose.items()] + unknown, ignored)


def _chosen(splits: Sequence[_Split], certain: set[tuple[str, str]], roster: Roster) -> _Split | None:
    """Return the only way to read a name; None if there is none, or more than one."""
    if len(splits) < 2:  # noqa: PLR2004 - one way to read it, or none
        return splits[0] if splits else None
    ways = [
        [split for split in splits if roster.find(split.user)],
        [split for split in splits if _fits(split, roster)],
        [] if roster.members else _likely(splits),
        [split for split in splits if (split.name, split.user) in certain],
    ]
    return next((way[0] for way in ways if len(way) == 1), None)


def _fits(split: _Split, roster: Roster) -> bool:
    member = roster.find(split.user)
    return member is not None and (_is_of(split.name, member) or bool(roster.group(split.name)))


def _is_of(name: str, member: Member) -> bool:
    return not member.name or letters(member.name) == letters(name)


def _returned(split: _Split) -> str:
    """Return the name under which Canvas takes a copy of a file back.

    It reads the first two numbers between underscores as those of user and attachment, whatever a name or a group's
    name holds before them, and a name that begins with `anon` as that of somebody anonymous.
    """
    parts = split.name.split("_")
    misread = parts[0] == "anon" or any(part.isascii() and part.isdigit() for part in parts)
    return f"{'handin' if misread else split.name}_{split.user}_{split.attachment}_{split.file}"


def _unknown(file: Entry, splits: Sequence[_Split], roster: Roster) -> HandedIn:
    numbers = " or ".join(split.user for split in splits)
    remedy = "correct the roster" if roster.members else "name the class with --roster"
    said = f"{printable(file.path)} can be of user {numbers}: {remedy}, so that it is clear whose it is."
    return HandedIn(printable(file.path), (), problem=said)


def _handed_in(name: str, user: str, files: Sequence[_File], roster: Roster) -> HandedIn:
    member = roster.find(user)
    people: tuple[Person, ...] = (Person(user, name or user),)
    remarks: tuple[str, ...] = ()
    group_unknown = False
    if member is not None and _is_of(name, member):
        people = (Person(member.key, member.name or name),)
    elif members := roster.group(name):
        people = tuple(Person(each.key, each.name or each.key) for each in members)
    elif member is not None:
        people, group_unknown = (Person(member.key, f"{name}: {member.name}"),), True
        remarks = (
            f"{name} is not the name of {member.name}, so it is read as a group's, whose other members are unknown: "
            "name them in a column `group` of the roster.",
        )
    sources = [file for file in files if not file.kind]
    return HandedIn(
        label_of(people),
        people,
        _with_own_names([file.entry for file in sources]),
        tuple(file.entry for file in files if file.kind.casefold() == "text.html"),
        sum(file.kind.casefold() == "link.html" for file in files),
        submitted_at=roster.submitted_at([person.key for person in people]),
        late=any(file.late for file in files),
        returned=tuple(file.returned for file in sources),
        remarks=remarks,
        group_unknown=group_unknown,
    )


def _with_own_names(files: Sequence[Entry]) -> tuple[Entry, ...]:
    """Undo what Canvas adds to a name that a student has used before, except where two files would get one name."""
    times = Counter(own_name(file.path) for file in files)
    return tuple(file._replace(path=own) if times[own := own_name(file.path)] == 1 else file for file in files)


def own_name(file_name: str) -> str:
    """Return a file's name without the number or the UUID that Canvas puts before its endings."""
    renamed = _RENAMED.fullmatch(file_name)
    return renamed["stem"] + renamed["ends"] if renamed else file_name


PLATFORM = Platform("canvas", "Canvas", _recognise, _find, ("id", "sis", "login", "student"))
