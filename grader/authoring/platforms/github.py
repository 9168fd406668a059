"""A private repository that grades the repositories of a class on GitHub."""

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
    ".github/workflows/grade.yml": "github_class.yml",
    ".github/actions/environment/action.yml": "github_environment.yml",
    "README.md": "github_readme.md",
}


def files(course: Course, wanted: Wanted, installation: Installation | None) -> dict[str, bytes]:
    """Return the files of the repository by path.

    Raises:
        UsageError: a rubric is wrong, or nothing says how the grader is installed.
    """
    templates = resources.files("grader.authoring.platforms") / "templates"
    constraints = course.root / CONSTRAINTS
    return {
        CONSTRAINTS: constraints.read_bytes() if constraints.is_file() else b"",
        **needed(installation, "GitHub").files,
        **{path: with_names((templates / name).read_bytes(), course, wanted) for path, name in _FILES.items()},
        **below(FOLDER, private_files(course)),
    }
