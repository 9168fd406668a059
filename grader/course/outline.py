"""Which lessons and exercises a course has, and in which order: known without opening a file of checks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from grader.course.names import chosen
from grader.course.sources import QUESTIONS, ExerciseFiles, questions_in
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

T = TypeVar("T", "LessonOutline", ExerciseFiles)

_LINK_TO_LESSON = re.compile(r"\]\((\w+)/README\.md\)")
_LINK_TO_STUB = re.compile(r"\]\((\w+)\.py\)")


@dataclass(frozen=True)
class LessonOutline:
    """A folder of exercises, sorted by name; its questions are the last of them."""

    name: str
    folder: Path
    exercises: tuple[ExerciseFiles, ...]


@dataclass(frozen=True)
class Outline:
    """A course's folder and what lies in it."""

    root: Path
    lessons: tuple[LessonOutline, ...]

    @property
    def exercises(self) -> tuple[ExerciseFiles, ...]:
        """The exercises of all lessons, sorted by name."""
        return tuple(exercise for lesson in self.lessons for exercise in lesson.exercises)

    def select(self, names: Sequence[str]) -> tuple[ExerciseFiles, ...]:
        """Return the named exercises, as `Course.select` does."""
        return chosen(self.root, self.lessons, names)


def current_folder() -> Path:
    """Return the folder that a command runs in; raise `UsageError` if it is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise UsageError("The current folder is gone: change to a folder inside a course.") from error


def find_outline(start: Path) -> Outline:
    """Return the outline of the course that `start` lies in: the nearest folder, going up, that contains `exercises/`.

    Raises:
        UsageError: there is no such folder, or it may not be read.
    """
    with reading():
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / "exercises").is_dir():
                return Outline(folder, tuple(_lessons(folder)))
    raise UsageError(f"No course was found: change to a folder with `exercises/` in it, from {start}.")


def course_name(root: Path) -> str:
    """Return the first heading of the course's page, or the name of its folder."""
    for line in _page(root / "exercises").splitlines():
        if line.startswith("# ") and line[2:].strip():
            return line[2:].strip()
    return root.name


def in_course_order(outline: Outline) -> tuple[ExerciseFiles, ...]:
    """Return the exercises in the order in which pages link to them; what no page links to comes after the others."""
    lessons = _sorted(outline.lessons, _LINK_TO_LESSON.findall(_page(outline.root / "exercises")))
    return tuple(
        exercise
        for lesson in lessons
        for exercise in _sorted(lesson.exercises, _LINK_TO_STUB.findall(_page(lesson.folder)))
    )


def _sorted(items: Iterable[T], links: Sequence[str]) -> list[T]:
    places = {name: place for place, name in reversed(list(enumerate(links)))}
    return sorted(items, key=lambda item: places.get(item.name, len(links)))


def _page(folder: Path) -> str:
    path = folder / "README.md"
    with reading(path):
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _lessons(root: Path) -> Iterator[LessonOutline]:
    for folder in sorted((root / "exercises").iterdir()):
        if folder.name.startswith((".", "_")) or not folder.is_dir():
            continue
        stubs = [path for path in sorted(folder.glob("*.py")) if is_stub(root, path)]
        questions = questions_in(root, folder)
        if questions is not None and any(stub.stem == QUESTIONS for stub in stubs):
            raise UsageError(
                f"exercises/{folder.name}/{QUESTIONS}.py: this name is for the lesson's questions: rename the exercise."
            )
        if stubs or questions or (folder / "checks").is_dir():
            exercises = tuple(files_of(root, stub) for stub in stubs)
            yield LessonOutline(folder.name, folder, (*exercises, questions) if questions else exercises)


def is_stub(root: Path, path: Path) -> bool:
    """Tell a stub from the helper files that students put beside it, of which there are neither checks nor answers."""
    if path.name.startswith((".", "_", "test_")) or path.name == "conftest.py" or not path.is_file():
        return False
    answers = root / "reference" / path.parent.name / path.stem
    return answers.is_dir() or (path.parent / "checks" / f"test_{path.name}").is_file()


def files_of(root: Path, stub: Path) -> ExerciseFiles:
    """Return the files of the exercise whose stub is, or was, at that path."""
    lesson = stub.parent.name
    reference = root / "reference" / lesson / stub.stem
    public = stub.parent / "checks" / f"test_{stub.name}"
    return ExerciseFiles(lesson, stub.stem, stub, public, reference if reference.is_dir() else None)
