"""Classroom 50, and what the retired GitHub Classroom has left: a folder per repository, named after its student."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.classroom.platforms.platform import Found, HandedIn, Person, Platform, label_of
from grader.classroom.roster import Roster, read_entries
from grader.submission.text import printable

if TYPE_CHECKING:
    from grader.classroom.platforms.download import Download

SCORES = "scores.csv"
_DOWNLOADED = re.compile(r"(?P<prefix>.+)_submissions_\d{4}(?:_\d\d){2}_T(?:_\d\d){3}")
_CLONED = re.compile(r"(?P<prefix>.+)-submissions")
_OWN = ("result.json", "results.json")


def _prefix(download: Download) -> str:
    """Return what the names of repositories begin with, "" if the name of the download does not say."""
    named = _DOWNLOADED.fullmatch(download.name) or _CLONED.fullmatch(download.name)
    return f"{named['prefix']}-" if named else ""


def _recognise(download: Download) -> bool:
    prefix, scores = _prefix(download), _scores(download)
    if not download.folders or not (prefix or scores.members):
        return False
    return all(_login(folder, prefix, scores) for folder in download.folders)


def _scores(download: Download) -> Roster:
    file = next((file for file in download.files if file.path == SCORES), None)
    if file is None:
        return Roster(())
    return read_entries(file, PLATFORM.columns, digits=False)


def _login(folder: str, prefix: str, scores: Roster) -> str:
    """Return the login in a repository's name, "" if that cannot be told.

    A login may contain hyphens, so the name is never split: what is known is taken off its beginning, or its end.
    """
    if prefix and folder.lower().startswith(prefix.lower()):
        return folder[len(prefix) :]
    ends = [each.key for each in scores.members if folder.lower().endswith(f"-{each.key.lower()}")]
    return max(ends, key=len, default="")


def _find(download: Download, roster: Roster) -> Found:
    prefix, scores = _prefix(download), _scores(download)
    found = []
    top = download.top()
    for folder in sorted(download.folders):
        login = _login(folder, prefix, scores) or folder
        member, score = roster.find(login), scores.find(login)
        known = member or score
        person = Person(member.key if member else login, (known.name if known else "") or login)
        people: tuple[Person, ...] = (person,)
        group = roster.group(login) or (roster.group(member.group) if member and member.group else ())
        if group:
            people = tuple(dict.fromkeys([person, *(Person(each.key, each.name or each.key) for each in group)]))
        files = tuple(
            file._replace(path=file.path[len(folder) + 1 :])
            for file in top[folder]
            if file.path[len(folder) + 1 :] not in _OWN
        )
        found.append(
            HandedIn(
                label_of(people),
                people,
                files,
                submitted_at=score.submitted_at if score else None,
                late=score.late if score else None,
                remarks=_remarks(person, score is not None and score.submitted_at is None),
            )
        )
    return Found(found, [printable(name) for name in top if name not in download.folders and name != SCORES])


def _remarks(person: Person, not_submitted: bool) -> tuple[str, ...]:
    if not not_submitted:
        return ()
    return (f"{SCORES} names no submission of {person.label}: what lies in the repository was graded.",)


PLATFORM = Platform("classroom50", "Classroom 50", _recognise, _find, ("login", "id", "student", "identifier"))
