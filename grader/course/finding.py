"""Finds the course that a folder lies in, and reads its lessons and exercises without running any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course.check_files import CheckFile
from grader.course.model import Check, Course, Exercise, Function, Lesson
from grader.course.outline import course_name, find_outline
from grader.course.questions.reading import QuestionsError, questions_of
from grader.course.stubs import read_stub
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.outline import LessonOutline
    from grader.course.sources import ExerciseFiles


def find_course(start: Path) -> Course:
    """Read the course that `start` lies in: the nearest folder, going up, that contains `exercises/`.

    Stubs are where students work, so one that is no longer Python does not keep the others from being found.

    Raises:
        UsageError: there is no such folder, a part of the course cannot be read, an exercise has no public check file
            or no function, a check file contains no check, a check has no docstring, two checks of an exercise
            share a name, or its questions are wrong.
    """
    outline = find_outline(start)
    with reading():
        lessons = tuple(_lesson(outline.root, lesson) for lesson in outline.lessons)
        _refuse_equal_questions(outline.root, lessons)
        return Course(outline.root, course_name(outline.root), lessons)


def _lesson(root: Path, lesson: LessonOutline) -> Lesson:
    exercises = tuple(_exercise(root, files) for files in lesson.exercises)
    return Lesson(lesson.name, lesson.folder, root / "rubrics" / f"{lesson.name}.toml", exercises)


def _refuse_equal_questions(root: Path, lessons: tuple[Lesson, ...]) -> None:
    """Refuse two questions of one name: who answers in a notebook names nothing but the question."""
    first: dict[str, Check] = {}
    for check in (check for lesson in lessons if lesson.questions for check in lesson.questions.checks):
        if (other := first.setdefault(check.name, check)) is not check:
            raise QuestionsError(
                f"{_place(root, check.path)}:{check.line}: there is a question `{check.name}` in "
                f"{_place(root, other.path)}:{other.line}, too: rename one."
            )


def _questions(exercise: ExerciseFiles) -> Exercise:
    """Return the exercise of a lesson's questions; whether a student may see more of one is for the rubric to say."""
    path = exercise.public_checks
    checks = tuple(Check(each.name, each.title, "public", path, each.line) for each in questions_of(exercise))
    return Exercise(
        lesson=exercise.lesson,
        name=exercise.name,
        title="Questions",
        stub=exercise.stub,
        public_checks=path,
        reference=exercise.reference,
        functions=(),
        checks=checks,
    )


def _exercise(root: Path, exercise: ExerciseFiles) -> Exercise:
    if exercise.is_questions:
        return _questions(exercise)
    stub, public, hidden = exercise.stub, exercise.public_checks, exercise.hidden_checks
    if not public.is_file():
        raise UsageError(
            f"{_place(root, stub)}: the exercise has no public checks: write them in {_place(root, public)}."
        )
    files = [CheckFile.read(root, public, "public")]
    if hidden is not None:
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
        lesson=exercise.lesson,
        name=exercise.name,
        title=title or exercise.name,
        stub=stub,
        public_checks=public,
        reference=exercise.reference,
        functions=functions,
        checks=_unique(root, [check for file in files for check in file.checks]),
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
