"""Gradescope, the export of submissions: a folder per submission, and a file that says whose each one is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from grader.classroom.platforms.platform import Found, HandedIn, Person, Platform, label_of
from grader.errors import UsageError
from grader.submission.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.classroom.platforms.download import Download
    from grader.classroom.roster import Member, Roster
    from grader.submission.entries import Entry

METADATA = "submission_metadata.yml"
MAX_METADATA_BYTES = 64_000_000
_FOLDER = re.compile(r"submission_\d+")


def _recognise(download: Download) -> bool:
    return any(file.path == METADATA for file in download.files) and all(
        _FOLDER.fullmatch(folder) for folder in download.folders
    )


def _find(download: Download, roster: Roster) -> Found:
    metadata = _metadata(download)
    top = download.top()
    known = dict.fromkeys([*metadata, *(name for name in download.folders if _FOLDER.fullmatch(name))])
    ignored = [printable(name) for name in top if name not in known and name != METADATA]
    return Found([_handed_in(name, metadata.get(name), top.get(name, []), roster) for name in known], ignored)


def _metadata(download: Download) -> Mapping[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    file = next((file for file in download.files if file.path == METADATA), None)
    if file is None:
        raise UsageError(
            f"{download.name} contains no {METADATA}, which says whose each submission is: give the export of "
            "submissions as Gradescope makes it."
        )
    text, obstacle = file.content(MAX_METADATA_BYTES + 1)
    if obstacle:
        raise UsageError(f"{METADATA} {obstacle}.")
    if len(text) > MAX_METADATA_BYTES:
        raise UsageError(
            f"{METADATA} is larger than {MAX_METADATA_BYTES // 10**6} MB: export fewer submissions at once."
        )
    try:
        found = yaml.load(text, loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        at = getattr(getattr(error, "problem_mark", None), "line", None)
        place = "" if at is None else f" (line {at + 1})"
        raise UsageError(f"{METADATA} is not valid YAML{place}: export the submissions again.") from error
    if not isinstance(found, dict):
        raise UsageError(f"{METADATA} does not name submissions: export the submissions again.")
    return {str(name): value for name, value in found.items()}


def _of(about: Any, key: str) -> Any:
    """Return a field, whose name Ruby writes with a colon in front."""
    return about.get(f":{key}", about.get(key)) if isinstance(about, dict) else None


def _handed_in(folder: str, about: Any, files: list[Entry], roster: Roster) -> HandedIn:
    submitters = _of(about, "submitters")
    people: dict[str, Person] = {}
    members = []
    for each in submitters if isinstance(submitters, list) else []:
        name, ids = str(_of(each, "name") or "").strip(), [str(_of(each, key) or "") for key in ("email", "sid")]
        member = next((found for found in map(roster.find, filter(None, ids)) if found), None)
        key = member.key if member else next(filter(None, ids), "")
        members += [member] if member else []
        if key:
            people.setdefault(key, Person(key, (member.name if member else "") or name or key))
    remarks: tuple[str, ...] = ()
    if not people:
        remarks = (f"{METADATA} does not say whose {folder} is, so it is graded under that name.",)
        people = {folder: Person(folder, folder)}
    path = len(folder) + 1
    return HandedIn(
        label_of(list(people.values())),
        tuple(people.values()),
        tuple(file._replace(path=file.path[path:] or file.path) for file in files),
        submitted_at=_moment(_of(about, "created_at")) or _first(members, "submitted_at"),
        late=_first(members, "late"),
        remarks=remarks,
    )


def _moment(created_at: Any) -> str | None:
    if not isinstance(created_at, datetime):
        return None
    return (created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC)).isoformat()


def _first(members: list[Member], field: str) -> Any:
    return next((getattr(each, field) for each in members if getattr(each, field) is not None), None)


PLATFORM = Platform("gradescope", "Gradescope", _recognise, _find, ("email", "sid", "id", "student"))
