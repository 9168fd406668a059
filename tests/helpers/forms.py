"""The same files handed in in every form: as files, as a folder, as an archive, or packed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.submission.model import Problem, Source, Submission
from grader.submission.reading import read_submission, read_texts
from helpers.archives import zipped
from helpers.course_factory import write_files
from helpers.doubling import DOUBLE, GOOD

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.model import Exercise

Files = dict[str, str | bytes]
SUM = "def double(number):\n    return number + number\n"
BROKEN = GOOD + "x = = 1\n"


def as_folder(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root / "alice", files))


def as_folder_in_folder(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root / "alice", {f"hw3-main/{path}": text for path, text in files.items()}))


def as_archive(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root, {"alice": zipped(files)}).joinpath("alice").rename(root / "alice.zip"))


def as_archive_of_folder(root: Path, files: Files) -> Submission:
    packed = zipped({f"hw3-main/{path}": text for path, text in files.items()} | {"__MACOSX/hw3-main/._x.py": b"\0"})
    return read_submission(write_files(root, {"alice.ZIP": packed}) / "alice.ZIP")


def as_archive_in_folder(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root / "alice", {"work.zip": zipped(files), ".DS_Store": ""}))


def as_archive_in_archive(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root, {"alice.zip": zipped({"a/work.zip": zipped(files)})}) / "alice.zip")


def as_texts(root: Path, files: Files) -> Submission:  # noqa: ARG001 - like the others
    return read_texts(
        "alice", [(path, text.encode() if isinstance(text, str) else text) for path, text in files.items()]
    )


FORMS = (
    as_folder, as_folder_in_folder, as_archive, as_archive_of_folder, as_archive_in_folder, as_archive_in_archive,
    as_texts,
)  # fmt: skip
in_every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__.removeprefix("as_"))


def graded(submission: Submission, exercise: Exercise = DOUBLE) -> str:
    """Return what messages call the file in which an exercise's function is graded, or why none is."""
    found = submission.source_of(exercise)
    if isinstance(found, Problem):
        return found.sentence
    module = found.modules[exercise.name]
    return found.places[module][0].file.partition(", cell")[0] if module in found.places else module


def source(submission: Submission, exercise: Exercise = DOUBLE) -> Source:
    found = submission.source_of(exercise)
    assert isinstance(found, Source), found
    return found
