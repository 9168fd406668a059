"""Sorts what a pull request changed: the student's work, what is protected, and what does not matter."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from grader.submission.answers import is_called
from grader.submission.entries import Form, form_of
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
    """What was changed, by what it means for grading; `remarks` are sentences for the student, by path."""

    work: list[Change] = field(default_factory=list)
    protected: list[Change] = field(default_factory=list)
    others: list[Change] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)  # stubs that were changed or taken away
    remarks: dict[str, str] = field(default_factory=dict)


def sort_changes(course: Course, changes: Sequence[Change]) -> Sorted:
    """Sort the changes of a pull request to a course.

    Work is every .py file and notebook directly in a lesson's folder, and a text there that is named like one of its
    exercises. Protected are checks, references, rubrics,
    workflows, the tool itself, configuration, and everything else that the course has already.
    """
    stubs = {exercise.stub.relative_to(course.root).as_posix() for exercise in course.exercises}
    found = Sorted()
    for change in changes:
        for path in {change.before, change.path} & stubs:
            found.touched.add(path)
        if _is_protected(change.path) or _is_protected(change.before):
            found.protected.append(change)
        elif _WORK.fullmatch(change.path) or _is_answer(course, change.path):
            _sort_work(change, stubs, found)
        elif change.status != "A":
            found.protected.append(change)
        else:
            found.others.append(change)
    return found


def _is_answer(course: Course, path: str) -> bool:
    """Tell a text directly in a lesson's folder that is named like an exercise of that lesson."""
    folder, _, name = path.rpartition("/")
    return form_of(path) is Form.TEXT and any(
        folder == f"exercises/{exercise.lesson}" and is_called(exercise.name, name) for exercise in course.exercises
    )


def _sort_work(change: Change, stubs: set[str], found: Sorted) -> None:
    path, before = printable(change.path), printable(change.before)
    if change.status == "D":
        if change.path in stubs:
            found.remarks[change.path] = f"{path} was deleted. Put it back: the exercise is solved in this file."
        else:
            found.others.append(change)
    elif not change.is_file:
        found.remarks[change.path] = f"{path} is a link, and links are not followed. Hand in the file itself."
    elif reason := name_problem(change.path):
        found.remarks[change.path] = f"{path} {reason}."
    else:
        found.work.append(change)
        if change.before != change.path and change.before in stubs:
            found.remarks[change.path] = (
                f"{before} was renamed to {path}. It is graded, but please give it its old name back."
            )


def _is_protected(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return (
        parts[0] in _PROTECTED_FOLDERS
        or parts[-1] in _PROTECTED_NAMES
        or parts[-1].endswith(".pth")
        or (parts[0] == "exercises" and ("checks" in parts[:-1] or parts[1].startswith("_")))
    )


def exercises_to_grade(course: Course, found: Sorted, written: set[str]) -> tuple[Exercise, ...]:
    """Return the exercises whose stub was changed, or of which the work defines a function that does more than fail.

    `written` are the names of those functions.
    """
    return tuple(
        exercise
        for exercise in course.exercises
        if exercise.stub.relative_to(course.root).as_posix() in found.touched
        or any(function.name in written for function in exercise.functions)
    )
