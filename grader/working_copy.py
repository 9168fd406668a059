"""A student's working copy of a course: made of an edition, and updated without touching the student's code."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader import edition, faults, installing
from grader.atomic import write_atomically
from grader.course.finding import find_course
from grader.distribution import NAME, PUBLISHED, requirement
from grader.errors import UsageError
from grader.start_page import BY_SCRIPT, STUB, start_page
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SCHEMA = "grader.copy/1"
RECORD = ".grade.json"
_ANOTHER = "name another folder."
_OURS = ("exercises/", "rubrics/", "mistakes/")
NEW, YOURS = ".new", ".yours"  # endings of what an update puts beside a file that the student has changed
_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "edition"  # in a wheel


class Installation(NamedTuple):
    """How those who get a copy install the grader: the command for it, and the files in the copy that it needs.

    `requirement` is what pip is to install where none of these files is, such as in a notebook that lies elsewhere.
    """

    command: str
    files: dict[str, bytes]
    requirement: str = ""


class Record(msgspec.Struct, frozen=True):
    """What a copy was made of: by which version of the grader, for whom, the hash of every file, and every stub.

    `support` is how much of the way its stubs show ("guided", "supported", "independent"), "" for stubs as they are in
    the course.
    """

    schema: str
    grader: str
    course: str
    audience: str
    files: dict[str, str]
    stubs: dict[str, str] = {}  # as they were given out, for `grade reset`
    support: str = ""


@dataclass
class Updated:
    """What an update did, by path: written, removed, and left as the student has it with the new one beside it."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return what happened to which files, as sentences."""
        files = f"{len(self.written)} file{'' if len(self.written) == 1 else 's'}"
        lines = [f"{files} updated, {len(self.removed) or 'none'} removed."]
        lines += [f"You have changed {path}: the new version is in {path}{NEW}." for path in self.kept]
        return "\n".join(lines)


def from_wheel(wheel: Path, extra: str) -> Installation:
    """Return how to install from a wheel that lies in the copy; raise `UsageError` if it is not one of the grader."""
    if not wheel.is_file() or wheel.suffix != ".whl" or not wheel.name.startswith(f"{NAME.replace('-', '_')}-"):
        raise UsageError(f"{wheel} is not a wheel of the grader: build one with `make wheel`, and name it.")
    return _by_script(f"./{wheel.name}{extra}", {wheel.name: wheel.read_bytes()})


def from_git(url: str, extra: str) -> Installation:
    """Return how to install from a git repository, `https://HOST/PATH[@COMMIT]`."""
    if "://" not in url:
        raise UsageError(f"{url} is not the URL of a git repository: write one such as https://HOST/PATH.git@COMMIT.")
    where = f"@ git+{url.removeprefix('git+')}"
    return _by_script(f"{NAME}{extra} {where}", {})._replace(requirement=f"{NAME} {where}")


def from_index(extra: str) -> Installation | None:
    """Return how to install by name, None as long as the name on the public index is not known to be the grader's."""
    return _by_script(f"{NAME}{extra}=={__version__}", {}) if PUBLISHED else None


def _by_script(requirement: str, needed: dict[str, bytes]) -> Installation:
    requirements = f"--constraint {installing.CONSTRAINTS}\n{requirement}\n".encode()
    script = Path(installing.__file__).read_bytes()
    return Installation(BY_SCRIPT, needed | {installing.REQUIREMENTS: requirements, "install.py": script})


def extra_for(made: Iterable[str]) -> str:
    """Return the extra of the grader that files need, in the brackets that pip wants, "" for none."""
    return "[notebook]" if any(path.endswith(".ipynb") for path in made) else ""


def shipped_edition() -> tuple[str, dict[str, bytes]]:
    """Return the course that comes with this grader, as its name and the files of its edition for students.

    In a clone, which has no ready edition, it is made anew.

    Raises:
        UsageError: this installation has neither.
    """
    if _SHIPPED.is_dir():
        paths = (path for path in sorted(_SHIPPED.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
        made = {path.relative_to(_SHIPPED).as_posix(): path.read_bytes() for path in paths}
        return find_course(_SHIPPED).name, made
    if (_PACKAGE.parent / "reference").is_dir():
        course = find_course(_PACKAGE.parent)
        return course.name, edition.files(course, edition.COURSE)
    raise UsageError("This installation of the grader comes without a course: install it from a wheel or a clone.")


def files(
    course: str, made: Mapping[str, bytes], audience: str, installation: Installation | None, support: str = ""
) -> dict[str, bytes]:
    """Return the files of a copy: an edition, a start page, what installs the grader, and the record of all of these.

    `course` is the course's name, `support` that of the `Record`. Without an `installation` the start page says to ask
    whoever gave the copy.
    """
    found = dict(made) | (installation.files if installation else {})
    if installing.REQUIREMENTS in found:  # it names constraints
        found.setdefault(installing.CONSTRAINTS, b"")
    command = installation.command if installation else ""
    page = start_page(course, made, command, solutions=audience == edition.SELF_STUDY)
    found["README.md"] = page.encode()
    hashes = {path: _hash(content) for path, content in sorted(found.items())}
    stubs = {path: content.decode() for path, content in sorted(made.items()) if STUB.fullmatch(path)}
    record = msgspec.json.encode(Record(SCHEMA, __version__, course, audience, hashes, stubs, support))
    found[RECORD] = msgspec.json.format(record, indent=1) + b"\n"
    return dict(sorted(found.items()))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- a new copy -------------------------------------------------------------------------------------------------


def refuse_unless_empty(target: Path) -> None:
    """Raise `UsageError` unless a folder does not exist and can be made, or is empty."""
    if os.path.lexists(target) and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is not empty: name a folder that does not exist.")
    if not target.absolute().parent.is_dir():
        raise UsageError(f"{target} cannot be made, because there is no folder {target.parent}: name another one.")
    with faults.writing(target, _ANOTHER), tempfile.TemporaryDirectory(dir=_place_for(target)):
        pass  # tried now, and not after minutes of work


def _place_for(target: Path) -> Path:
    """Return where a temporary folder for a target goes, so that moving from there is a change of names alone."""
    return target if target.is_dir() else target.absolute().parent


@contextlib.contextmanager
def in_place_of(target: Path) -> Iterator[Path]:
    """Yield a folder to fill; it becomes `target` if the block ends well, and nothing is left if it does not.

    An empty folder that is there is filled and not replaced: somebody's shell may be in it.
    """
    target = target.absolute()
    with faults.writing(target, _ANOTHER):
        there = target.is_dir()
        with tempfile.TemporaryDirectory(dir=_place_for(target), prefix=".grade-") as folder:
            made = Path(folder) / "made"
            made.mkdir()
            yield made
            if there:
                for entry in sorted(made.iterdir()):
                    entry.rename(target / entry.name)
            else:
                made.rename(target)


def make(target: Path) -> int:
    """Make a working copy of the course that comes with the grader, and return how many exercises it has.

    Raises:
        UsageError: the folder holds something or cannot be made, or this installation has no course.
    """
    refuse_unless_empty(target)
    course, made = shipped_edition()
    with in_place_of(target) as place:
        edition.write(place, _copy(course, made))
    return len(find_course(target).in_code)


def _copy(course: str, made: Mapping[str, bytes]) -> dict[str, bytes]:
    command = f"pip install {requirement(extra_for(made).strip('[]'))}"
    return files(course, made, edition.COURSE, Installation(command, {}))


# --- an existing copy -------------------------------------------------------------------------------


def update(root: Path) -> Updated:
    """Bring a working copy up to what comes with this grader.

    Pages, checks, rubrics and pictures are replaced; one that was changed in the copy is kept as `NAME.yours`. Stubs
    and notebooks are the student's: one that was worked on stays, and where it has changed in the course since, the
    new one is put beside it as `NAME.new`. An interrupted update is finished by the next.

    Raises:
        UsageError: the folder is not a working copy, or is one of another course.
    """
    before = read_record(root)
    course, made = shipped_edition()
    if before.course != course:
        raise UsageError(
            f'{root} is a copy of the course "{before.course}", and this grader comes with "{course}": ask '
            "whoever gave you the copy for a new one."
        )
    if before.audience != edition.COURSE:
        raise UsageError(
            f"{root} is an edition for {before.audience}, which this grader does not come with: ask whoever gave "
            "you the copy for a new one."
        )
    if before.support:
        raise UsageError(
            f"{root} is an edition with {before.support} stubs, which this grader does not come with: ask whoever gave "
            "you the copy for a new one."
        )
    wanted, known = _copy(course, made), before.files
    done = Updated()
    with faults.writing(root, "allow it, and run the update again."):
        for path, content in wanted.items():
            if path != RECORD:
                _bring(root / path, path, content, known.get(path), done)
        for path in sorted(known.keys() - wanted.keys()):
            place = root / path
            if path.startswith(_OURS) and place.is_file() and _hash(place.read_bytes()) == known[path]:
                place.unlink()
                done.removed.append(path)
        _write(root / RECORD, wanted[RECORD])  # last: until it is written, the next update does all of this again
    return done


def _bring(place: Path, path: str, content: bytes, known: str | None, done: Updated) -> None:
    """Bring one file up to date; `known` is the hash of what the copy was given there."""
    there = place.read_bytes() if place.is_file() else None
    if there == content:
        return
    untouched = there is None or _hash(there) == known
    if not untouched and _is_students(path):
        if _hash(content) != known:
            _write(place.with_name(place.name + NEW), content)
            done.kept.append(path)
        return
    if not untouched and there is not None:
        _write(place.with_name(place.name + YOURS), there)
    _write(place, content)
    done.written.append(path)


def _is_students(path: str) -> bool:
    """Tell whether a file is one that students write in: a stub, or a notebook."""
    return path.endswith(".ipynb") or STUB.fullmatch(path) is not None


def read_record(root: Path) -> Record:
    """Return what a working copy was made of; raise `UsageError` if the folder is not one."""
    if not (root / RECORD).is_file():
        raise UsageError(f"{root} is not a working copy: change to one, or make one with `grade init DIR`.")
    try:
        with faults.reading(root / RECORD):
            record = msgspec.json.decode((root / RECORD).read_bytes(), type=Record)
        if record.schema != SCHEMA:
            raise ValueError(f'its schema is "{record.schema}"')
    except ValueError as error:  # every error of msgspec is a ValueError
        remedy = "make a new copy with `grade init DIR`, and move your files there."
        raise UsageError(f"{root / RECORD} cannot be read ({error}): {remedy}") from error
    return record


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(place, content, follow_links=False)
