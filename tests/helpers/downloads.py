"""Downloads from teaching platforms, as folders and as archives, and what is found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.classroom.handins import Class, find_class, read_handed_in
from grader.classroom.platforms.download import opened
from grader.submission.model import Problem, Source
from helpers.archives import zipped
from helpers.course_factory import write_files
from helpers.doubling import DOUBLE, GOOD
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from pathlib import Path

PAGE = f'<!DOCTYPE html><html><head><meta charset="UTF-8"></head><body><pre>{GOOD}</pre></body></html>'
UUID = "3f0c1b9a-7f0e-4a57-9d55-0c6a2f2b7e10"
CANVAS = {
    "alphaada_1001_50001_double.py": GOOD,
    "betabo_LATE_1002_50002_double-1.py": GOOD,
    "gämmarözoë_1003_50003_lesson.ipynb": notebook(GOOD),
    "deltadee_1004_50004_double.py": GOOD,
    "deltadee_1004_50005_my notes_2 (final).TXT": "made up",
    f"thetatom_1008_50008_double-{UUID}.py": GOOD,
    "epsiloneve_LATE_1005_text.html": PAGE,
    "etaeli_1007_link.html": "<html></html>",
}


def find(tmp_path: Path, files: dict[str, str], form: str = "folder", roster: str = "", **options: str) -> Class:
    """Return what is found in a download of these files, unpacked or as it came."""
    where = write_files(tmp_path / "download", files) if form == "folder" else tmp_path / "download.zip"
    if form == "zip":
        where.write_bytes(zipped(files))
    if roster:
        write_files(tmp_path, {"roster.csv": roster})
    with opened(where) as download:
        found = find_class(download, options.get("platform"), tmp_path / "roster.csv" if roster else None)
        for handin in found.handins:
            read_handed_in(handin)  # which must be possible, whatever it is
        return found


def people(found: Class) -> dict[str, list[str]]:
    """Return the names of everybody's files, as the student called them, by who they are."""
    return {
        f"{person.key}: {person.name}": [file.path for file in handin.files]
        for handin in found.handins
        for person in handin.people
    }


def is_right(found: Class, key: str) -> bool:
    """Tell whether a student's hand-in is read as a right solution."""
    handin = next(each for each in found.handins if key in [person.key for person in each.people])
    submission = read_handed_in(handin).submission
    return not isinstance(submission, Problem) and isinstance(submission.source_of(DOUBLE), Source)


both_forms = pytest.mark.parametrize("form", ["folder", "zip"])
