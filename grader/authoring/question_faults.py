"""Looks for what is wrong with a lesson's questions: answers that do not pass, temptations that nobody explains, leaks.

Each answer is judged as a student's would be.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from grader.authoring.notebooks import parts_of
from grader.authoring.question_pages import page_faults
from grader.course.questions.given import Given, GivenAnswers
from grader.course.questions.judging import judged
from grader.course.questions.reading import keys_of, questions_of
from grader.course.questions.typed import value_of
from grader.faults import text_of
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.course.questions.model import Key, Question
    from grader.course.rubric import ExerciseRubric
    from grader.results import CheckResult

LEAST_DIGITS = 3  # of a number that is looked for: a shorter one is everywhere by chance
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])", re.IGNORECASE)


def question_faults(exercise: Exercise, rubric: ExerciseRubric) -> list[str]:
    """Return the faults of a lesson's questions, each as a sentence."""
    if exercise.answer_key is None:
        return [f"reference/{exercise.key}/answers.toml is missing: write the answers."]
    keys = keys_of(exercise)
    page = text_of(exercise.stub.parent / "README.md")
    found = list(page_faults(exercise, page, parts_of(page, [path.stem for path in exercise.stub.parent.glob("*.py")])))
    for question in questions_of(exercise):
        key = keys[question.name]
        found += _judging(exercise, rubric, question, key)
        found += _temptations(question, key)
        if rubric.criterion_of(question.name) is not None:
            found += _given_away(exercise, question, key)
    return found


def _judging(exercise: Exercise, rubric: ExerciseRubric, question: Question, key: Key) -> Iterator[str]:
    """Yield what the verdict gets wrong: the answer must pass, and every tempting one fail for its reason."""

    def verdict(text: str) -> CheckResult:
        given = GivenAnswers({question.name: Given(text, "answers.toml")})
        return next(each for each in judged(exercise, rubric, given) if each.name == question.name)

    if verdict(key.answer).outcome is not Outcome.PASSED:
        yield f"{question.name}: the answer does not pass."
    for number, tempting in enumerate(key.tempting, start=1):
        result = verdict(tempting.answer)
        if result.outcome is not Outcome.FAILED:
            yield f"{question.name}: tempting answer {number} ({tempting.answer}) passes: it must be wrong."
        elif [each.title for each in result.diagnosis] != [tempting.mistake]:
            yield (
                f"{question.name}: tempting answer {number} ({tempting.answer}) is taken for another one: make their "
                "tolerances smaller."
            )


def _temptations(question: Question, key: Key) -> Iterator[str]:
    explained = {value_of(question, each.answer) for each in key.tempting}
    if question.kind == "choice":
        for name in question.names:
            if name not in explained and name != value_of(question, key.answer):
                yield f"{question.name}: nothing says why the option `{name}` tempts: add a tempting answer."
    elif not explained:
        yield f"{question.name}: no wrong answer is explained: add a tempting one."


def _given_away(exercise: Exercise, question: Question, key: Key) -> Iterator[str]:
    """Yield where students can read the answer to a question that counts."""
    answer = value_of(question, key.answer)
    wanted = answer if isinstance(answer, Decimal) and len(re.sub(r"\D", "", key.answer)) >= LEAST_DIGITS else None
    for path in students_files(exercise):
        text = text_of(path)
        place = path.relative_to(exercise.root).as_posix()
        if key.explanation in " ".join(text.split()):
            yield f"{question.name}: its explanation is in {place}: take it out, because the question counts."
        if wanted is not None and any(_is_near(found, wanted, key.tolerance) for found in _NUMBER.findall(text)):
            yield f"{question.name}: its answer, {key.answer}, is in {place}: ask for another number, or take it out."


def _is_near(text: str, wanted: Decimal, tolerance: Decimal) -> bool:
    return abs(Decimal(text.replace(",", "")) - wanted) <= tolerance


def students_files(exercise: Exercise) -> list[Path]:
    """Return the texts of a lesson that students get: its page, hints, questions, stubs and public checks."""
    folder = exercise.stub.parent
    names = ("*.md", "*.toml", "*.py", "checks/*.py")
    found = [path for name in names for path in sorted(folder.glob(name))]
    return [path for path in found if path.is_file() and path != exercise.stub]
