"""The whole examination: every check in its order, cheap ones first; a check that breaks does not stop the others."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grader.doctor import found_course, installation, system, trials
from grader.doctor.finding import Finding, State
from grader.doctor.real_model import Asked, real_model
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.course.model import Course

    Check = Callable[[], Finding | Iterator[Finding]]


def examine(asked: Asked | None, begins: Callable[[str], None] = lambda _name: None) -> list[Finding]:
    """Return everything that was found, in and around the current folder; `begins` is called with every check.

    A real model, or a device for one, is looked at only if it is asked for.
    """
    course, about = around_here()
    found = []
    for name, check in _checks(asked, course, about).items():
        begins(name)
        found += made(name, check)
    return found


def made(name: str, check: Check) -> list[Finding]:
    """Make one check; if it breaks, that is what was found."""
    found: list[Finding] = []
    try:
        answer = check()
        for finding in [answer] if isinstance(answer, Finding) else answer:
            found.append(finding)  # one by one: a fault takes nothing away from what was found before it
    except ImportError as error:  # the lines on libraries say more
        found.append(Finding(name, State.SKIPPED, f"not looked at: {error.name or error} cannot be imported"))
    except UsageError as error:  # a sentence with the remedy in it
        found.append(Finding(name, State.PROBLEM, str(error).removesuffix(".")))
    except Exception as error:
        said = f"this check broke: {type(error).__name__}: {error}"
        remedy = "solve the other problems first; if this one stays, report it to the authors of the grader"
        found.append(Finding(name, State.PROBLEM, said, remedy))
    return found


def around_here() -> tuple[Course | None, Finding]:
    """Return the course that the current folder lies in, None if none can be used, and what was found of it."""
    around: list[Course | None] = [None]

    def look() -> Finding:
        try:
            folder = Path.cwd()
        except FileNotFoundError:
            found = "the current folder has been deleted"
            return Finding("course", State.WARNING, found, "`cd` into the folder of your course")
        around[0], finding = found_course.course_around(folder)
        return finding

    [about] = made("course", look)
    return around[0], about


def _checks(asked: Asked | None, course: Course | None, about: Finding) -> dict[str, Check]:
    root = course.root if course else None
    constraints = installation.constraints_of(root) if root else None
    checks: dict[str, Check] = {
        "Python": installation.python,
        "libraries": partial(installation.libraries, constraints),
        "import folder": installation.import_folder,
        "versions": partial(installation.pinned_versions, constraints),
        "isolation": system.isolation,
        "memory": system.memory,
        "temporary files": system.temporary_folder,
        "course": lambda: about,
    }
    if course:
        checks["points"] = partial(found_course.points, course)
        if not (course.root / "reference").is_dir():
            checks["course version"] = partial(found_course.course_version, course)
    checks |= {
        "notebook extra": partial(installation.notebook_extra, constraints),
        "imports": trials.libraries_and_tiny_model,
        "worker": trials.worker,
        "notebook kernel": trials.kernel,
    }
    if asked:
        checks["model"] = partial(real_model, asked, root)
    return checks
