"""Writes what a platform gets: a folder, or an archive that is the same bytes for the same files."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, NamedTuple

from grader import working_copy
from grader.atomic import file_atomically
from grader.authoring.platforms import classroom50, gradescope, repositories
from grader.authoring.recording import record_stale
from grader.authoring.release import installation_of
from grader.classroom.policy_file import load_policy
from grader.course.rubric_reading import load_rubrics
from grader.errors import UsageError
from grader.faults import writing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from grader.authoring.platforms.wanted import Platform, Wanted
    from grader.course.model import Course

_ANOTHER = "name another one."
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_PROGRAM, _FILE = 0o100755, 0o100644


class Made(NamedTuple):
    """How many files were written, and the number of exercises whose known mistakes had to be recorded first."""

    files: int
    recorded: int


def release_to(
    platform: Platform,
    course: Course,
    target: Path,
    wanted: Wanted,
    *,
    wheel: Path | None = None,
    git: str | None = None,
    jobs: int | None = None,
) -> Made:
    """Write what a platform gets of a course to a new folder, or for Gradescope to a `.zip`.

    Raises:
        UsageError: the target cannot be written, the course is not fit to be released, or something is missing that the
            platform needs to know.
    """
    if platform == "gradescope" and target.suffix.lower() != ".zip":
        raise UsageError(f"Gradescope takes an archive: name it {target.name}.zip.")
    if target.suffix.lower() == ".zip":
        if not target.absolute().parent.is_dir():
            raise UsageError(f"{target} cannot be made, because there is no folder {target.parent}: {_ANOTHER}")
    else:
        working_copy.refuse_unless_empty(target)
    course.select(wanted.names)
    installation = installation_of(wheel, git, _EXTRAS.get(platform, ""))
    load_rubrics(course)  # what is wrong with them is said before minutes of recording, not after
    load_policy(course)
    recorded = record_stale(course, course.exercises, jobs)
    made = dict(sorted(_FILES[platform](course, wanted, installation).items()))
    if target.suffix.lower() == ".zip":
        _write_archive(target, made)
    else:
        _write_folder(target, made)
    return Made(len(made), recorded)


def _write_archive(target: Path, made: Mapping[str, bytes]) -> None:
    with writing(target, _ANOTHER), file_atomically(target.resolve()) as file, zipfile.ZipFile(file, "w") as archive:
        for path, content in made.items():
            info = zipfile.ZipInfo(path, _LONG_AGO)
            info.compress_type = zipfile.ZIP_STORED if path.endswith(".whl") else zipfile.ZIP_DEFLATED
            info.external_attr = (_PROGRAM if _is_program(content) else _FILE) << 16
            archive.writestr(info, content)


def _write_folder(target: Path, made: Mapping[str, bytes]) -> None:
    with working_copy.in_place_of(target) as place:
        for path, content in made.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(content)
            if _is_program(content):
                (place / path).chmod(_PROGRAM & 0o777)


def _is_program(content: bytes) -> bool:
    return content.startswith(b"#!")


_FILES = {
    "classroom50": classroom50.files,
    "github": repositories.for_github,
    "gitlab": repositories.for_gitlab,
    "gradescope": gradescope.files,
}
_EXTRAS = {"github": "[github]", "gitlab": "[gitlab]"}
