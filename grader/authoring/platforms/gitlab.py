"""A private project that grades the projects of a class on GitLab, and the pipeline of public checks for theirs."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from grader.authoring.platforms.private_course import FOLDER, below, needed, private_files, with_names
from grader.installing import CONSTRAINTS

if TYPE_CHECKING:
    from grader.authoring.platforms.wanted import Wanted
    from grader.course.model import Course
    from grader.working_copy import Installation

_FILES = {
    ".gitlab-ci.yml": "gitlab_class.yml",
    "students/grade.yml": "gitlab_students.yml",
    "README.md": "gitlab_readme.md",
}


def files(course: Course, wanted: Wanted, installation: Installation | None) -> dict[str, bytes]:
    """Return the files of the project by path.

    Raises:
        UsageError: a name is unknown, a rubric is wrong, or nothing says how the grader is installed.
    """
    templates = resources.files("grader.authoring.platforms") / "templates"
    constraints = course.root / CONSTRAINTS
    return {
        CONSTRAINTS: constraints.read_bytes() if constraints.is_file() else b"",
        **needed(installation, "GitLab").files,
        **{path: with_names((templates / name).read_bytes(), course, wanted) for path, name in _FILES.items()},
        **below(FOLDER, private_files(course)),
    }
