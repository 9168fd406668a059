"""Finds the course that a folder lies in, and reads its lessons and exercises without running any of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.check_files import CheckFile
from grader.course.model import Course, Exercise, Function, Lesson
from grader.course.stubs import read_stub
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Check


def current_folder() -> Path:
    """Return the folder that a command runs in; raise `UsageError` if it is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise UsageError("The current folder is gone: change to a folder inside a course.") from error


def find_course(start: Path) -> Course:
    """Read the course that `start` lies in: the nearest folder, going up, that contains `exercises/`.

    Stubs are where students work, so one that is no longer Python does not keep the others from being found.

    Raises:
        UsageError: there is no such folder, a part of the course cannot be read, an exercise has no public check file
            or no function, a check file contains no check, a check has no docstring, or two checks of an exercise
            share a name.
    """
    with reading():
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / "exercises").is_dir():
                return Course(folder, _course_name(folder), tuple(_lessons(folder)))
    raise UsageError(f"No course was found: change to a folder with `exercises/` in it, from {start}.")


def _course_name(root: Path) -> str:
    readme = root / "exercises" / "README.md"
    if readme.is_file():
        for line in readme.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("# ") and line[2:].strip():
                return line[2:].strip()
    return root.name


def _lessons(root: Path) -> Iterator[Lesson]:
    for folder in sorted((root / "exercises").iterdir()):
        if folder.name.startswith((".", "_")) or not folder.is_dir():
            continue
        stubs = [path for path in sorted(folder.glob("*.py")) if _is_stub(root, path)]
        if stubs or (folder / "checks").is_dir():
            exercises = tuple(_exercise(root, folder.name, stub) for stub in stubs)
            yield Lesson(folder.name, folder, root / "rubrics" / f"{folder.name}.toml", exercises)


def _is_stub(root: Path, path: Path) -> bool:
    """Tell a stub from the helper files that students put beside it, of which there are neither checks nor answers."""
    if path.name.startswith((".", "_", "test_")) or path.name == "conftest.py" or not path.is_file():
        return False
    answers = root / "reference" / path.parent.name / path.stem
    return answers.is_dir() or (path.parent / "checks" / f"test_{path.name}").is_file()


def _exercise(root: Path, lesson: str, stub: Path) -> Exercise:
    name = stub.stem
    public = stub.parent / "checks" / f"test_{name}.py"
    if not public.is_file():
        raise UsageError(
            f"{_place(root, stub)}: the exercise has no public checks: write them in {_place(root, public)}."
        )
    reference = root / "reference" / lesson / name
    hidden = reference / "test_hidden.py"
    files = [CheckFile.read(root, public, "public")]
    if hidden.is_file():
        files.append(CheckFile.read(root, hidden, "hidden"))
    title, functions = read_stub(stub)
    # What the checks call must be there: a stub is where students work, so it may contain helpers, or lack a name.
    called = tuple(dict.fromkeys(name for file in files for name in file.called))
    if called:
        known = {function.name: function for function in functions}
        functions = tuple(known.get(name) or Function(name, (), "", f"def {name}(...)") for name in called)
    if not functions:
        raise UsageError(f"{_place(root, stub)}: the stub has no public function: define the one to be written.")
    return Exercise(
        lesson=lesson,
        name=name,
        title=title or name,
        stub=stub,
        public_checks=public,
        reference=reference if reference.is_dir() else None,
        functions=functions,
        checks=_unique(root, [check for file in files for check in file.checks]),
        on_model=any(file.on_model for file in files),
    )


def _unique(root: Path, checks: list[Check]) -> tuple[Check, ...]:
    """Return the checks; refuse two of one name, of which rubric and pytest would see only the last."""
    first: dict[str, Check] = {}
    for check in checks:
        other = first.setdefault(check.name, check)
        if other is not check:
            raise UsageError(
                f"{_place(root, check.path)}:{check.line}: the check `{check.name}` is also defined in "
                f"{_place(root, other.path)}:{other.line}: rename one."
            )
    return tuple(checks)


def _place(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
