"""Hand-ins in a folder: whose each is, and what is said of those that are empty, linked or there twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.classroom.handins import Class as Found
from grader.classroom.handins import find_class, read_handed_in
from grader.classroom.platforms.download import opened
from grader.errors import UsageError
from grader.submission.model import Problem
from helpers.course_factory import write_files
from helpers.doubling import GOOD as RIGHT


def found_in(folder: Path) -> Found:
    with opened(folder) as download:
        return find_class(download)


def problems_in(folder: Path) -> dict[str, str]:
    """Return what is wrong with each hand-in, "" if nothing is."""
    with opened(folder) as download:
        read = {handin.label: read_handed_in(handin).submission for handin in find_class(download).handins}
    return {student: each.sentence if isinstance(each, Problem) else "" for student, each in read.items()}


def test_every_entry_is_a_students_and_named_by_it(tmp_path: Path) -> None:
    write_files(tmp_path, {"ada/work.py": RIGHT, "bob.py": RIGHT, "cem.zip": b"", "dot.ipynb": b"{}", "notes.pdf": b"",
                           ".DS_Store": b"", "__MACOSX/x": b""})  # fmt: skip
    found = found_in(tmp_path)
    assert [handin.label for handin in found.handins] == ["ada", "bob", "cem", "dot"]
    assert found.ignored == ["notes.pdf"]


def test_two_handins_of_one_student_are_that_students_problem(tmp_path: Path) -> None:
    write_files(tmp_path, {"ada/work.py": RIGHT, "Ada.py": RIGHT, "bob.py": RIGHT})
    assert problems_in(tmp_path) == {
        "Ada": "There are 2 hand-ins of Ada (Ada.py, ada): keep the one that counts.", "bob": "",
    }  # fmt: skip


def test_one_name_in_two_unicode_forms_is_one_student(tmp_path: Path) -> None:
    write_files(tmp_path, {"Zoe\u0308.py": RIGHT, "zo\u00eb/work.py": RIGHT})
    assert len(found_in(tmp_path).handins) == 1


def test_an_empty_or_linked_handin_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    write_files(tmp_path, {"bob.py": RIGHT})
    (tmp_path / "cem.py").symlink_to(tmp_path / "bob.py")
    problems = problems_in(tmp_path)
    assert "contains no .py" in problems["ada"]
    assert "symbolic link" in problems["cem"]


@pytest.mark.parametrize(
    ("name", "said"), [("missing", "cannot be read"), ("file", "Not a directory"), ("empty", "no hand-in")]
)
def test_a_folder_without_handins_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=said):
        found_in(tmp_path / name)
