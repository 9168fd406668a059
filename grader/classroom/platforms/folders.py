"""No platform: one entry per student, a folder or a file, named after its student."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from grader.classroom.platforms.platform import DISGUISED, SOURCES, Found, HandedIn, Person, Platform
from grader.submission.text import printable

if TYPE_CHECKING:
    from grader.classroom.platforms.download import Download
    from grader.classroom.roster import Roster
    from grader.submission.entries import Entry

# Nobody keeps an archive of anything else beside hand-ins; that it cannot be opened is said of its student.
_ENDINGS = (*DISGUISED, *SOURCES, ".tar.gz", ".tgz", ".tar", ".rar", ".7z")


def _recognise(_: Download) -> bool:
    return True


def student_of(name: str, *, is_folder: bool) -> str:
    """Return whose hand-in an entry is by its name, "" if it is not one."""
    if is_folder:
        return name
    ending = next((ending for ending in _ENDINGS if name.lower().endswith(ending)), "")
    return name[: len(name) - len(ending)] if ending else ""


def _find(download: Download, roster: Roster) -> Found:
    """Find hand-ins; names that differ in case or in their Unicode form only are one student's."""
    students: dict[str, list[tuple[str, str, list[Entry]]]] = {}
    ignored = []
    for name, files in download.top().items():
        student = "" if name.startswith("__") else student_of(name, is_folder=name in download.folders)
        if student:
            plain = unicodedata.normalize("NFC", student)
            students.setdefault(plain.casefold(), []).append((plain, name, files))
        elif not name.startswith("__"):
            ignored.append(printable(name))
    return Found([_handed_in(download, entries, roster) for _, entries in sorted(students.items())], ignored)


def _handed_in(download: Download, entries: list[tuple[str, str, list[Entry]]], roster: Roster) -> HandedIn:
    (student, name, files), others = entries[0], entries[1:]
    member = roster.find(student)
    person = Person(member.key, member.name or member.key) if member else Person(printable(student), printable(student))
    problem = ""
    if others:
        names = ", ".join(name for _, name, _ in entries)
        problem = f"There are {len(entries)} hand-ins of {person.label} ({names}): keep the one that counts."
    inside = len(name) + 1
    return HandedIn(
        person.label,
        (person,),
        tuple(file._replace(path=file.path[inside:] or name) for file in files),
        place=download.place / name if download.place else None,
        late=member.late if member else None,
        submitted_at=member.submitted_at if member else None,
        problem=problem,
        handin=", ".join(name for _, name, _ in entries),
    )


PLATFORM = Platform("folders", "no platform", _recognise, _find, ())
