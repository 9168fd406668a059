"""Sorts what a pull request changed: the student's work, what is protected, and what does not matter."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from grader.ci.repository import holds
from grader.course.sources import ANSWERS
from grader.submission.answers import is_called
from grader.submission.entries import Form, form_of, is_litter
from grader.submission.text import name_problem, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.ci.repository import Change
    from grader.course.model import Course, Exercise

# What decides marks, or what tools obey without being asked, wherever it lies.
_PROTECTED_FOLDERS = ("reference", "rubrics", "grader", "tests", ".github", ".ci")
_PROTECTED_NAMES = {
    "conftest.py", "sitecustomize.py", "usercustomize.py", "pytest.ini", "tox.ini", "setup.cfg", "setup.py",
    "pyproject.toml", "constraints.txt", "action.yml", "action.yaml", ".gitattributes", ".gitmodules", "Makefile",
}  # fmt: skip
_WORK = re.compile(r"exercises/[^/.][^/]*/[^/.][^/]*\.(py|ipynb)")


@dataclass
class Sorted:
    """What was changed, by what it means for grading; `remarks` are sentences for the student, by path.

    `update` are files of a student's copy that another edition of the course brings.
    """

    work: list[Change] = field(default_factory=list)
    protected: list[Change] = field(default_factory=list)
    others: list[Change] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)  # stubs that were changed or taken away, by their path in the course
    remarks: dict[str, str] = field(default_factory=dict)
    update: list[Change] = field(default_factory=list)


def sort_changes(course: Course, changes: Sequence[Change], folder: str = "") -> Sorted:
    """Sort the changes of a pull request to a course, which lies in a folder of the repository ("" for its top).

    Work is every .py file and notebook directly in a lesson's folder, a text there that is named like one of its
    exercises, and answers to questions. Protected are checks, references, rubrics, workflows, the tool itself,
    configuration, and everything else that the course has already. What lies beside the course's folder is somebody
    else's matter.
    """
    stubs = _stubs(course)
    found = Sorted()
    for change in changes:
        path, before = inside(change.path, folder), inside(change.before, folder)
        found.touched |= {path, before} & stubs
        if _is_cache(path) and _is_cache(before or path):
            found.others.append(change)  # nothing reads it: the course is that of the base
        elif any(map(_is_protected, (change.path, change.before, path, before))):
            found.protected.append(change)
        elif _WORK.fullmatch(path) or _is_answer(course, path):
            _sort_work(change, path, before, stubs, found)
        elif change.status != "A" and before:
            found.protected.append(change)
        else:
            found.others.append(change)
    return found


def _is_cache(path: str) -> bool:
    """Tell what Python leaves behind when checks are run, and `git add --all` takes along."""
    return "__pycache__" in path.split("/") and path.endswith(".pyc")


def sort_files(course: Course, files: Sequence[Change], changes: Sequence[Change], folder: str = "") -> Sorted:
    """Sort the files of a repository that only holds a student's work, and what of them was changed.

    The course is elsewhere, so none of its files here is used, and nothing is protected. Work is all code, wherever it
    lies, and texts that are named like an exercise. A stub that is still as the course has it was not touched.
    """
    stubs, found = _stubs(course), Sorted()
    for change in files:
        path = inside(change.path, folder)
        if not path or is_litter(path) or _is_protected(path):
            _remark_own_copy(course, change, path, found)
        elif path in stubs and _is_unchanged(course, path, change):
            continue
        elif form_of(path) in (Form.PYTHON, Form.NOTEBOOK) or _is_answer(course, path):
            _sort_work(change, path, path, stubs, found)
    for change in changes:
        path, before = inside(change.path, folder), inside(change.before, folder)
        if before in stubs and before != path:
            found.touched.add(before)
            _remark_rename(change, found)
        if change.status == "D" and path in stubs:
            _sort_work(change, path, path, stubs, found)
        if path in stubs and not _is_unchanged(course, path, change):
            found.touched.add(path)
    return found


def inside(path: str, folder: str) -> str:
    """Return a path as it is below a folder, "" if it lies elsewhere."""
    if not folder:
        return path
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else ""


def _stubs(course: Course) -> set[str]:
    return {exercise.stub.relative_to(course.root).as_posix() for exercise in course.in_code}


def _is_unchanged(course: Course, path: str, change: Change) -> bool:
    content = (course.root / path).read_bytes()
    return holds(change, content) or holds(change, content.replace(b"\n", b"\r\n"))


def _remark_own_copy(course: Course, change: Change, path: str, found: Sorted) -> None:
    """Say so if a check that the student has is not the course's any more: it may say other things at the desk."""
    own = course.root / path
    if (
        path.startswith("exercises/")
        and path.endswith(".py")
        and own.is_file()
        and not _is_unchanged(course, path, change)
    ):
        found.remarks[change.path] = f"{printable(change.path)} is not as the course has it. It was not used."


def _is_answer(course: Course, path: str) -> bool:
    """Tell a file of answers to questions, or in a lesson's folder a text or examples named like an exercise of it."""
    folder, _, name = path.rpartition("/")
    if name == ANSWERS:
        return True
    return form_of(path) in (Form.TEXT, Form.EXAMPLES) and any(
        folder == f"exercises/{exercise.lesson}" and is_called(exercise.name, name) for exercise in course.exercises
    )


def _sort_work(change: Change, path: str, before: str, stubs: set[str], found: Sorted) -> None:
    called = printable(change.path)
    if change.status == "D":
        if path in stubs:
            found.remarks[change.path] = f"{called} was deleted. Put it back: the exercise is solved in this file."
        else:
            found.others.append(change)
    elif not change.is_file:
        found.remarks[change.path] = f"{called} is a link, and links are not followed. Hand in the file itself."
    elif reason := name_problem(change.path):
        found.remarks[change.path] = f"{called} {reason}."
    else:
        found.work.append(change)
        if before != path and before in stubs:
            _remark_rename(change, found)


def _remark_rename(change: Change, found: Sorted) -> None:
    found.remarks[change.path] = (
        f"{printable(change.before)} was renamed to {printable(change.path)}. It is graded, but please give it its old "
        "name back."
    )


def _is_protected(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and (
        parts[0] in _PROTECTED_FOLDERS
        or parts[-1] in _PROTECTED_NAMES
        or parts[-1].endswith(".pth")
        or (parts[0] == "exercises" and len(parts) > 1 and ("checks" in parts[:-1] or parts[1].startswith("_")))
    )


def exercises_to_grade(course: Course, found: Sorted, written: set[str]) -> tuple[Exercise, ...]:
    """Return the exercises whose stub was changed, or of which the work defines a function that does more than fail.

    `written` are the names of those functions, and of the questions that are answered in what was changed.
    """
    return tuple(
        exercise
        for exercise in course.exercises
        if exercise.stub.relative_to(course.root).as_posix() in found.touched
        or any(function.name in written for function in exercise.functions)
        or (exercise.is_questions and any(check.name in written for check in exercise.checks))
    )
