"""Any other platform: a regular expression says of each file whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import regex

from grader.classroom.platforms.platform import Found, HandedIn, Person, Platform
from grader.errors import UsageError
from grader.submission.text import printable

if TYPE_CHECKING:
    from grader.classroom.platforms.download import Download
    from grader.classroom.roster import Roster
    from grader.submission.entries import Entry

_SECONDS = 5.0  # that a pattern may take for one path; a pattern that goes back and forth without end takes years


def named(pattern: str) -> Platform:
    """Return the platform whose files are told apart by a pattern.

    It is matched from the beginning of a file's path in the download. Its group `student` is whose the file is, and
    `file`, which it need not have, what the student called it.

    Raises:
        UsageError: it is not a regular expression, or has no group `student`.
    """
    try:
        compiled = regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, MemoryError, ValueError) as error:
        said = str(error) or type(error).__name__
        raise UsageError(f"--names is not a regular expression ({said}): correct it.") from error
    if "student" not in compiled.groupindex:
        raise UsageError(
            r"--names has no group `student`: write one around what names the student, as in `(?P<student>[^_]+)_`."
        )

    def find(download: Download, roster: Roster) -> Found:
        return _find(download, roster, compiled)

    return Platform("names", "files named by --names", lambda _: False, find, ())


def _find(download: Download, roster: Roster, pattern: Any) -> Found:
    students: dict[str, list[Entry]] = {}
    ignored = []
    for file in download.files:
        match = _matched(pattern, file.path)
        student = (match["student"] or "").strip() if match else ""
        if not match or not student:
            ignored.append(printable(file.path))
            continue
        own = match["file"] if "file" in pattern.groupindex else file.path.rpartition("/")[2]
        students.setdefault(student, []).append(file._replace(path=own or file.path))
    found = []
    for student, files in students.items():
        member = roster.find(student)
        person = Person(member.key, member.name or member.key) if member else Person(*[printable(student)] * 2)
        late, when = (member.late, member.submitted_at) if member else (None, None)
        found.append(HandedIn(person.label, (person,), tuple(files), late=late, submitted_at=when))
    return Found(found, ignored)


def _matched(pattern: Any, path: str) -> Any:
    try:
        return pattern.match(path, timeout=_SECONDS)
    except TimeoutError as error:
        raise UsageError(
            f"--names takes too long on {printable(path)[:100]}: write it without repetitions inside repetitions."
        ) from error
