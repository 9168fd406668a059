"""How far somebody is with the questions of a lesson, read quickly: a listing takes it of every lesson."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, NamedTuple

from grader.course.questions.answer_file import AnswerFileError, read_answers
from grader.course.questions.typed import is_blank
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from grader.course.outline import Outline
    from grader.course.sources import ExerciseFiles


class QuestionProgress(NamedTuple):
    """How many questions of a lesson there are, and those that are not answered, each with its exercise.

    `unread` says why the file of answers cannot be read, "" if it can.
    """

    total: int
    open: tuple[tuple[str, str], ...]  # a question's name, and the exercise that it stands before
    unread: str = ""

    def before(self, exercise: str) -> list[str]:
        """Return the questions before an exercise that are not answered."""
        return [name for name, before in self.open if before == exercise]


def answers_in(exercise: ExerciseFiles) -> dict[str, str]:
    """Return the answers that are written in a lesson's file; raise `UsageError` if it cannot be read."""
    place = exercise.stub.relative_to(exercise.root)
    try:
        return {
            name: written.text
            for name, written in read_answers(exercise.stub.read_bytes()).items()
            if not written.fault and not is_blank(written.text)
        }
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{place} cannot be read ({error.strerror}): allow it to be read.") from error
    except AnswerFileError as error:
        raise UsageError(f"{place} {error}") from error


def progress_of(exercise: ExerciseFiles) -> QuestionProgress:
    """Return how far somebody is with a lesson's questions."""
    places = _places(exercise.public_checks)
    try:
        answers = answers_in(exercise)
    except UsageError as error:
        return QuestionProgress(len(places), (), str(error))
    return QuestionProgress(len(places), tuple((name, before) for name, before in places if name not in answers))


def first_to_answer(outline: Outline, exercises: Iterable[ExerciseFiles]) -> list[str]:
    """Return the sentence that names the first question before exercises that is not answered; none if all are."""
    of_lesson = {each.lesson: progress_of(each) for each in outline.exercises if each.is_questions}
    waiting = [
        name
        for exercise in exercises
        if exercise.lesson in of_lesson
        for name in of_lesson[exercise.lesson].before(exercise.name)
    ]
    return [f"First a question: grade answer {name}" for name in waiting[:1]]


def _places(path: Path) -> list[tuple[str, str]]:
    """Return the questions of a file, each with its exercise; whether the file is right is for others to say."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))["questions"]
        return [(name, str(table["before"])) for name, table in tables.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
