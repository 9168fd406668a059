"""Finds what a class handed in: one entry of a folder is one student's."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from grader.errors import UsageError
from grader.faults import reading
from grader.sandbox.outside.reader import read_handin
from grader.submission.model import Problem, Submission
from grader.submission.text import printable

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".py", ".zip", ".ipynb")


class HandIn(NamedTuple):
    """All that is in the folder under one student's name: a file or a folder, or several by mistake."""

    student: str
    paths: tuple[Path, ...]

    def read(self) -> Submission | Problem:
        """Return the submission, or why there is none that could be graded. Nothing of it is run.

        Raises `GraderError` if the process that reads hand-ins cannot be started.
        """
        if len(self.paths) > 1:
            names = ", ".join(path.name for path in self.paths)
            return Problem(
                f"There are {len(self.paths)} hand-ins of {self.student} ({names}): keep the one that counts."
            )
        try:
            submission = read_handin(self.paths[0])
        except UsageError as error:
            return Problem(str(error))
        return submission.problem or submission


def find_handins(folder: Path) -> tuple[list[HandIn], list[str]]:
    """Return the hand-ins of a folder by student, and the names of entries that are not hand-ins.

    A hand-in is a sub-folder or a file .py, .zip or .ipynb; its student is its name without that ending. Names that
    differ in case or in their Unicode form only are one student's. Hidden entries are passed over.

    Raises:
        UsageError: there is no such folder, it may not be read, or it contains no hand-ins.
    """
    students: dict[str, list[Path]] = {}
    ignored = []
    with reading(folder, "give the folder that contains one hand-in per student."):
        for path in sorted(path for path in folder.iterdir() if not path.name.startswith((".", "__"))):
            if path.is_dir() and not path.is_symlink():
                student = path.name
            elif path.suffix.lower() in SUFFIXES:
                student = path.stem
            else:
                ignored.append(printable(path.name))
                continue
            students.setdefault(unicodedata.normalize("NFC", student).casefold(), []).append(path)
    if not students:
        raise UsageError(
            f"{folder} contains no hand-ins: each must be a sub-folder or a .py, .zip or .ipynb file, named after its "
            "student."
        )
    return [HandIn(_name(paths[0]), tuple(paths)) for _, paths in sorted(students.items())], ignored


def _name(path: Path) -> str:
    name = path.name if path.is_dir() and not path.is_symlink() else path.stem
    return printable(unicodedata.normalize("NFC", name))
