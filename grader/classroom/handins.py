"""Finds what a class handed in, whose it is, and who is missing; and reads a hand-in."""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.platforms.platform import HandedIn
from grader.classroom.platforms.recognition import platform_called, recognised, unwrapped
from grader.classroom.records import Delivery
from grader.classroom.roster import Member, Roster, read_roster
from grader.classroom.text_entry import answer_of, code_of
from grader.errors import UsageError
from grader.sandbox.outside.reader import read_handed_in_texts, read_handin
from grader.submission import limits
from grader.submission.entries import Form
from grader.submission.kinds import HEAD_BYTES
from grader.submission.model import Problem, Submission
from grader.submission.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.classroom.platforms.download import Download
    from grader.classroom.platforms.platform import Person, Platform

_COLUMNS = ("student", "login", "id", "sid", "sis", "email", "identifier", "name")
_LISTED = 3  # how many files a sentence names
MAX_HANDIN_BYTES = 60_000_000  # of all its files, which travel to the process that reads them


class Class(NamedTuple):
    """Who handed in what, who handed in nothing, and what there is to say about a download as a whole.

    `ignored` are the names of what belongs to no hand-in. `roster` is everybody whom the
    roster names, empty where there is none or it names nobody of those who handed in.
    """

    platform: Platform
    handins: Sequence[HandedIn]
    absent: Sequence[Member] = ()
    ignored: Sequence[str] = ()
    remarks: Sequence[str] = ()
    roster: Sequence[Member] = ()


class Reading(NamedTuple):
    """What a hand-in is read as, or why it could not be; and what was left out of it.

    A submission with a problem is one of text alone, which may answer an exercise all the same.
    """

    submission: Submission | Problem
    remarks: tuple[str, ...] = ()


def find_class(download: Download, platform: str | Platform | None = None, roster_file: Path | None = None) -> Class:
    """Find the hand-ins of a download, made by a platform with some name, or by the one that it is recognised as.

    Raises:
        UsageError: it contains no hand-ins, or the roster or what the platform says cannot be read.
    """
    if platform is None:
        chosen, place = recognised(download)
    else:
        chosen = platform_called(platform) if isinstance(platform, str) else platform
        place = unwrapped(chosen, download) if isinstance(platform, str) else download
    roster = _roster(chosen, place, roster_file)
    handins, ignored = chosen.find(place, roster)
    if not handins:
        raise UsageError(_nothing_found(download, chosen))
    handins = _once_each(handins)
    absent, remarks = _absent(handins, roster)
    return Class(
        chosen, handins, absent, ignored, remarks, roster.members if _is_of_this_class(handins, roster) else ()
    )


def handins_of(platform: Platform, download: Download, roster: Roster) -> list[HandedIn]:
    """Return the hand-ins of a platform's download; raise `UsageError` if it contains none."""
    found = platform.find(unwrapped(platform, download), roster).handed_in
    if not found:
        raise UsageError(_nothing_found(download, platform))
    return _once_each(found)


def _nothing_found(download: Download, platform: Platform) -> str:
    where = shown(str(download.place or download.name))
    if platform.key == "folders":
        return (
            f"{where} contains no hand-ins: each must be a sub-folder or a .py, .zip or .ipynb file, named after its "
            "student."
        )
    if platform.key == "names":
        return f"{where} contains no file that --names matches: correct the pattern."
    return (
        f"{where} contains nothing that is named as {platform.title} names hand-ins: give what the platform makes as "
        "it is, or leave out --from."
    )


def _roster(platform: Platform, download: Download, roster_file: Path | None) -> Roster:
    if roster_file is None:
        return Roster(())
    if platform.columns:
        return read_roster(roster_file, platform.columns, digits=platform.digits)
    people = [person.key for handin in platform.find(download, Roster(())).handed_in for person in handin.people]

    def known(column: str) -> int:
        keys = {member.key.casefold() for member in read_roster(roster_file, (column,), digits=False).members}
        return sum(key.casefold() in keys for key in people)

    return read_roster(roster_file, (max(_COLUMNS, key=known), *_COLUMNS), digits=False)


def _once_each(handins: Sequence[HandedIn]) -> list[HandedIn]:
    """Return the hand-ins, and for whoever has several, that there are several instead."""
    times = Counter(person.key for handin in handins for person in dict.fromkeys(handin.people))
    several: dict[str, tuple[Person, list[str]]] = {}
    found: list[HandedIn] = []
    for handin in handins:
        for person in handin.people:
            if times[person.key] > 1:
                several.setdefault(person.key, (person, []))[1].append(_shown_files(handin))
        people = tuple(person for person in handin.people if times[person.key] == 1)
        if people or not handin.people:
            found.append(handin._replace(people=people))
    for person, names in several.values():
        said = f"There are {len(names)} hand-ins of {person.label} ({'; '.join(names)}): keep the one that counts."
        found.append(HandedIn(person.label, (person,), problem=said, handin="; ".join(names)))
    return found


def _absent(handins: Sequence[HandedIn], roster: Roster) -> tuple[list[Member], list[str]]:
    """Return who is on the roster and handed in nothing, and what there is to say about the roster."""
    if not roster.members:
        return [], []
    present = {person.key: person for handin in handins for person in handin.people}
    members = {member.key for member in roster.members}
    strangers = [person.label for key, person in present.items() if key not in members]
    if len(strangers) == len(present):
        return [], ["The roster names none of those who handed in, so nobody is counted as absent."]
    remarks = [f"Not on the roster: {', '.join(strangers)}."] if strangers else []
    if any(handin.group_unknown or not handin.people for handin in handins):
        remarks.append("It is not known whose each hand-in is, so nobody is counted as absent.")
        return [], remarks
    missing = [member for member in roster.members if member.key not in present and not member.is_test]
    unlinked = [member.name or member.key for member in missing if strangers and not member.linked]
    if unlinked:
        remarks.append(f"Perhaps one of these, so not counted as absent: {', '.join(unlinked)}. Complete the roster.")
    absent = [member for member in missing if member.linked or not strangers]
    return absent, remarks


def _is_of_this_class(handins: Sequence[HandedIn], roster: Roster) -> bool:
    """Tell whether a roster names anybody of those who handed in."""
    return any(roster.find(person.key) is not None for handin in handins for person in handin.people)


def deliveries(handin: HandedIn) -> list[Delivery]:
    """Return what the gradebook keeps of a hand-in, for each whose it is."""
    names = _shown_files(handin)
    members = tuple(person.key for person in handin.people)
    return [
        Delivery(person.key, person.name, names, handin.submitted_at, handin.late, members=members)
        for person in handin.people
    ]


def _shown_files(handin: HandedIn) -> str:
    names = [shown(file.path) for file in (*handin.files, *handin.texts)]
    return handin.handin or ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "") or handin.label


# --- reading ------------------------------------------------------------------------------------------------------


def read_handed_in(handin: HandedIn) -> Reading:
    """Read a hand-in. Nothing of it is run.

    Raises `GraderError` if the process that reads hand-ins cannot be started.
    """
    if handin.problem:
        return Reading(Problem(handin.problem))
    if handin.place is not None:
        with contextlib.suppress(UsageError):  # it is something else than code, which the following names
            submission = read_handin(handin.place)
            return Reading(_usable(submission, ()), handin.remarks)
    contents, left_out, typed = _contents(handin)
    if not contents:
        return Reading(Problem(" ".join([*left_out, *typed]) or "No file was handed in."))
    submission = read_handed_in_texts(handin.label, contents)
    found = _usable(submission, left_out)
    if isinstance(found, Problem):
        return Reading(found)
    return Reading(found, (*handin.remarks, *(f"{handin.label}: {sentence}" for sentence in (*left_out, *typed))))


def content_hash(submission: Submission) -> str:
    """Return the hash of all that a hand-in says, in code and in text: what makes it another attempt."""
    if not submission.answers_sha256:
        return submission.sha256
    return hashlib.sha256(f"{submission.sha256} {submission.answers_sha256}".encode()).hexdigest()


def _usable(submission: Submission, left_out: Sequence[str]) -> Submission | Problem:
    """Return what is more than its problem: code, or text alone where nothing was left out that may be code."""
    if submission.problem is None or (submission.problem.only_text and not left_out):
        return submission
    return Problem(" ".join([submission.problem.sentence, *left_out]))


def _contents(handin: HandedIn) -> tuple[list[tuple[str, bytes]], list[str], list[str]]:
    """Return the names and the bytes of what was handed in, and sentences on what of it is left out.

    The last ones are on text that was typed in.
    """
    contents, left_out, typed = [], [], []
    room = MAX_HANDIN_BYTES
    # Code first, then archives, then text; of what is neither, the beginning tells what it is, and a film leaves room.
    for file in sorted(handin.files, key=lambda file: file.form.value):
        of_text = min(room, limits.MAX_TEXT_BYTES + 1)
        most = {Form.OTHER: HEAD_BYTES, Form.TEXT: of_text, Form.TOML: of_text}.get(file.form, room)
        content, obstacle = (b"", file.obstacle) if file.obstacle else file.open(most)
        room -= len(content)
        if not obstacle and not room:
            obstacle = "is too large, alone or with the others: hand in source code only"
        if obstacle:
            left_out.append(f"{shown(file.path)} {obstacle}.")
        else:
            contents.append((file.path, content))
    for number, text in enumerate(handin.texts):
        page = text.content(limits.MAX_FILE_BYTES)[0]
        name = f"text_entry{number or ''}"
        code = code_of(page)
        if code is not None:
            contents.append((f"{name}.py", code))
        elif answer := answer_of(page):
            contents.append((f"{name}.md", answer))
            typed.append(
                "The text that was typed in is not Python code that defines a function: it counts only as an answer in "
                "text, to the exercise that its first line names."
            )
        else:
            typed.append("The text that was typed in is not Python code that defines a function: it is left out.")
    if handin.links:
        left_out.append("A web address was handed in, which is not opened: hand in the files themselves.")
    return contents, left_out, typed
