"""Judges answers to the questions of a lesson: one result a question, as a check has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course.names import closest
from grader.course.questions.reading import keys_of, questions_of
from grader.course.questions.typed import AnswerError, shown, value_of
from grader.course.questions.verdict import is_right, temptation
from grader.results import CheckResult, Diagnosis, Outcome

if TYPE_CHECKING:
    from grader.course.model import Exercise
    from grader.course.questions.given import GivenAnswers
    from grader.course.questions.model import Key, Question
    from grader.course.rubric import Criterion, ExerciseRubric

_SIMILAR = 0.8  # of two names of which one may be a misspelling of the other


def judged(exercise: Exercise, rubric: ExerciseRubric, answers: GivenAnswers) -> tuple[CheckResult, ...]:
    """Return the results of all questions of a lesson, in their order.

    What counts is decided where its answer is known: in a student's copy it is pending. A practice question that is not
    answered is pending everywhere.

    Raises:
        UsageError: the questions or the answers to them are wrong.
    """
    questions, keys = questions_of(exercise), keys_of(exercise)
    known = {question.name for question in questions}
    stray = [name for name in answers.given if name not in known]
    return tuple(
        _judged(question, keys.get(question.name), rubric.criterion_of(question.name), answers, stray)
        for question in questions
    )


def _judged(
    question: Question, key: Key | None, criterion: Criterion | None, answers: GivenAnswers, stray: list[str]
) -> CheckResult:
    """Return the result of one question; `stray` are the names that were answered and are not in the lesson."""

    def result(outcome: Outcome, message: str, *diagnosis: Diagnosis, explanation: str = "") -> CheckResult:
        visibility = criterion.visibility if criterion is not None else "public"
        return CheckResult(
            question.name, question.title, visibility, outcome, message, 0.0, None, diagnosis, explanation=explanation
        )

    if fault := answers.twice.get(question.name) or answers.faults.get(question.name):
        return result(Outcome.FAILED, fault)
    given = answers.given.get(question.name)
    if given is None:
        is_decided = criterion is not None and key is not None
        said = " ".join(["Not answered.", *_why_not(question, answers, stray)])
        explanation = key.explanation if key is not None and is_decided else ""
        return result(Outcome.FAILED if is_decided else Outcome.SKIPPED, said, explanation=explanation)
    try:
        value = value_of(question, given.text)
    except AnswerError as error:
        return result(Outcome.FAILED, f"{given.place}: {error}", explanation=key.explanation if key else "")
    if key is None:
        worth = f"It counts {in_points(criterion.points)}" if criterion is not None else "It is looked at"
        return result(Outcome.SKIPPED, f"Noted: {shown(given.text)}. {worth} when your instructor grades your work.")
    if is_right(question, key, value):
        return result(Outcome.PASSED, "", explanation=key.explanation)
    tempted = temptation(question, key, value)
    found = (
        (Diagnosis(f"{question.name}: {tempted.answer}", tempted.mistake, tempted.why, question.name),)
        if tempted is not None
        else ()
    )
    return result(Outcome.FAILED, f"Your answer {shown(given.text)} is not right.", *found, explanation=key.explanation)


def in_points(number: float) -> str:
    """Return a number of points in words."""
    return f"{number:g} point{'' if number == 1 else 's'}"


def _why_not(question: Question, answers: GivenAnswers, stray: list[str]) -> list[str]:
    """Return what may be the reason why a question is not answered: a file that is not read, or a misspelt name."""
    close = closest(question.name, stray, cutoff=_SIMILAR)
    misspelt = [f"There is an answer to `{close}` in {answers.given[close].place}: is it meant?"] if close else []
    return [*misspelt, *answers.unread]
