"""A private repository that grades those of a class, on GitHub or GitLab."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from grader.authoring.platforms.private_course import FOLDER, below, needed, private_files, with_names
from grader.installing import CONSTRAINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.authoring.platforms.wanted import Wanted
    from grader.course.model import Course
    from grader.working_copy import Installation

# The files of a repository, and the templates that they are made of.
_GITHUB = {
    ".github/workflows/grade.yml": "github_class.yml",
    ".github/actions/environment/action.yml": "github_environment.yml",
    "README.md": "github_readme.md",
}
_GITLAB = {
    ".gitlab-ci.yml": "gitlab_class.yml",
    "students/grade.yml": "gitlab_students.yml",  # the pipeline of public checks for their projects
    "README.md": "gitlab_readme.md",
}


def for_github(course: Course, wanted: Wanted, installation: Installation | None) -> dict[str, bytes]:
    """Return the files of a repository on GitHub by path.

    Raises:
        UsageError: a name is unknown, a rubric is wrong, or nothing says how the grader is installed.
    """
    return _files(course, wanted, needed(installation, "GitHub"), _GITHUB)


def for_gitlab(course: Course, wanted: Wanted, installation: Installation | None) -> dict[str, bytes]:
    """Return the files of a project on GitLab by path; raises the same."""
    return _files(course, wanted, needed(installation, "GitLab"), _GITLAB)


def _files(
    course: Course, wanted: Wanted, installation: Installation, templates: Mapping[str, str]
) -> dict[str, bytes]:
    folder = resources.files("grader.authoring.platforms") / "templates"
    constraints = course.root / CONSTRAINTS
    return {
        CONSTRAINTS: constraints.read_bytes() if constraints.is_file() else b"",
        **installation.files,
        **{path: with_names((folder / name).read_bytes(), course, wanted) for path, name in templates.items()},
        **below(FOLDER, private_files(course)),
    }
