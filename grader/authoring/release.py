"""Makes what students get of a course: an edition, a start page, and proof that it gives no answer away."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from grader import edition, working_copy
from grader.authoring.inspection import given_away
from grader.authoring.leaks import leaks
from grader.authoring.notebooks import NAME, built, with_requirement
from grader.authoring.recording import record_stale
from grader.authoring.scaffolding.edition_files import with_support
from grader.classroom.policy_file import load_policy
from grader.course.rubric_reading import load_rubrics
from grader.errors import UsageError
from grader.start_page import BY_SCRIPT

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.blanks import Support
    from grader.course.model import Course
    from grader.working_copy import Installation


WORKFLOW = ".github/workflows/grade.yml"  # which runs the public checks in a student's repository
_TEMPLATES = resources.files("grader.authoring.platforms") / "templates"


class Released(NamedTuple):
    """How many files a release has, whether its first page says how to install the grader, and what was recorded.

    `recorded` is the number of exercises whose known mistakes had to be recorded first.
    """

    files: int
    says_how_to_install: bool
    recorded: int


def release_course(
    course: Course,
    target: Path,
    audience: str,
    *,
    wheel: Path | None = None,
    git: str | None = None,
    jobs: int | None = None,
    support: Support | None = None,
) -> Released:
    """Record known mistakes where they have changed, and write a release that installs the grader.

    It is installed from a wheel that is put into the release, or from a git repository, or else by its name.
    `jobs` is the number of processes that record, one a core for None. `support` is as in `release`.

    Raises:
        UsageError: as `release`; or the wheel is not one of the grader, or the URL is not one.
    """
    working_copy.refuse_unless_empty(target)
    extra = working_copy.extra_for(path.name for lesson in course.lessons for path in lesson.folder.iterdir())
    installation = installation_of(wheel, git, extra)
    refuse_faults(course)  # what is wrong with a file is said before minutes of recording, not after
    recorded = record_stale(course, course.exercises, jobs)
    made = _write(course, target, audience, installation, support)
    return Released(made, installation is not None, recorded)


def installation_of(wheel: Path | None, git: str | None, extra: str = "") -> Installation | None:
    """Return how the grader is installed: from a wheel, from a git repository, or else by its name if that is its own.

    Raises:
        UsageError: the wheel is not one of the grader, or the URL is not one.
    """
    if wheel is not None:
        return working_copy.from_wheel(wheel, extra)
    return working_copy.from_git(git, extra) if git is not None else working_copy.from_index(extra)


def release(
    course: Course,
    target: Path,
    audience: str,
    installation: Installation | None = None,
    support: Support | None = None,
) -> int:
    """Write a release to a folder that does not exist or is empty, and return how many files it has.

    `audience` is "course", for those who hand in, or "self-study", for those who may look at the solutions.
    `installation` is how they install the grader, `support` how much of the way the stubs show, None for the stubs as
    they are in `exercises/`.

    Raises:
        UsageError: the folder holds something, a rubric or the policy is wrong, known mistakes are not recorded, an
            answer would be given away, an author's blank is left, or the solutions have no marks for that support.
    """
    working_copy.refuse_unless_empty(target)
    refuse_faults(course)
    return _write(course, target, audience, installation, support)


def _write(
    course: Course, target: Path, audience: str, installation: Installation | None, support: Support | None
) -> int:
    files = edition.files(course, audience)
    if support is not None:
        files = with_support(course, files, support)
    if audience == edition.SELF_STUDY:
        for lesson in course.lessons:
            if lesson.questions is not None and (path := f"exercises/{lesson.name}/{NAME}") in files:
                files[path] = built(lesson, support, answers=True).encode()
    if installation is not None and installation.requirement:
        notebooks = {path: text for path, text in files.items() if path.endswith(f"/{NAME}")}
        files |= {path: with_requirement(text, installation.requirement) for path, text in notebooks.items()}
    if audience == edition.COURSE and installation is not None and installation.command == BY_SCRIPT:
        files |= {WORKFLOW: _TEMPLATES.joinpath("github_student.yml").read_bytes()}
    made = working_copy.files(course.name, files, audience, installation, support or "")
    with working_copy.in_place_of(target) as place:
        edition.write(place, made)
        refuse_leaks(course, place, audience)
    return len(made)


def refuse_faults(course: Course) -> None:
    """Raise `UsageError` if a rubric or the policy is wrong, an answer is given away, or an author's blank is left."""
    load_rubrics(course)
    load_policy(course)
    for exercise in course.in_code:
        for fault in given_away(exercise):
            raise UsageError(f"{exercise.key}: {fault}")


def refuse_leaks(course: Course, place: Path, audience: str = edition.COURSE) -> None:
    """Raise `UsageError` if a file in a folder gives an answer away."""
    if found := leaks(course, place, audience):
        first, *others = found
        more = f" ({len(others)} more like this)" if others else ""
        raise UsageError(f"{first.path} gives away {first.what} of {first.answer}: take it out.{more}")
