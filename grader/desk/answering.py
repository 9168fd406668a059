"""Answers the questions of a lesson: finds one, takes an answer down, and says at once whether it is right.

What counts is only noted, also where its answer is at hand: it is decided when the work is graded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.atomic import write_atomically
from grader.course.finding import find_course
from grader.course.names import closest
from grader.course.outline import in_course_order
from grader.course.questions.answer_file import file_of
from grader.course.questions.given import Given, GivenAnswers
from grader.course.questions.judging import in_points, judged
from grader.course.questions.markdown import markdown_of, placeholder
from grader.course.questions.reading import questions_of
from grader.course.questions.typed import AnswerError, shown, value_of
from grader.course.rubric_reading import load_rubrics
from grader.desk.progress_file import own_folder, while_locked
from grader.desk.question_progress import answers_in, progress_of
from grader.errors import UsageError
from grader.faults import writing
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.course.outline import Outline
    from grader.course.questions.model import Question
    from grader.course.rubric import ExerciseRubric
    from grader.course.sources import ExerciseFiles
    from grader.results import CheckResult


class Asked(NamedTuple):
    """A question of a lesson: its Markdown, what stands for an answer to it, and the answer that was given ("")."""

    question: Question
    exercise: Exercise
    markdown: str
    placeholder: str
    given: str


class Said(NamedTuple):
    """What is said to an answer: in sentences, and whether it passed, failed, or was only noted."""

    outcome: Outcome
    text: str
    next: str  # what comes then, as a command without `grade`


def question_called(outline: Outline, name: str) -> Asked:
    """Return the question of that name, `QUESTION` or `LESSON/QUESTION`, or the next one for no name.

    Raises:
        UsageError: there is no such question, or none that is not answered.
    """
    if not name:
        return _next(outline)
    lesson, _, bare = name.rpartition("/")
    lessons = [each for each in outline.exercises if each.is_questions and lesson in ("", each.lesson)]
    for exercise in lessons:
        if any(question.name == bare for question in questions_of(exercise)):
            return _asked(outline, exercise, bare)
    known = [question.name for exercise in lessons for question in questions_of(exercise)]
    if not known:
        raise UsageError("This course has no questions." if not lesson else f"No lesson `{lesson}` has questions.")
    close = closest(bare, known)
    remedy = f"did you mean `{close}`?" if close else "`grade list` names those that are not answered."
    raise UsageError(f"No question is called `{bare}`: {remedy}")


def answer(asked: Asked, text: str) -> Said:
    """Write an answer down, and return what there is to say about it.

    Raises:
        UsageError: the text is no answer to the question, or the file of answers cannot be read or written.
    """
    try:
        value_of(asked.question, text)
    except AnswerError as error:
        raise UsageError(f"{asked.question.name}: {error}") from error
    _write(asked.exercise, asked.question.name, text.strip())
    said = _said(asked, text)
    others = progress_of(asked.exercise).before(asked.question.before)
    return said._replace(next=f"answer {others[0]}" if others else asked.question.before)


def _said(asked: Asked, text: str) -> Said:
    rubric = _rubric(asked.exercise)
    criterion = rubric.criterion_of(asked.question.name)
    if criterion is not None:
        worth = in_points(criterion.points)
        return Said(
            Outcome.SKIPPED, f"Noted: {shown(text)}. It counts {worth} when your instructor grades your work.", ""
        )
    given = GivenAnswers({asked.question.name: Given(text, asked.exercise.stub.name)})
    result = next(each for each in judged(asked.exercise, rubric, given) if each.name == asked.question.name)
    return Said(result.outcome, "\n".join(_sentences(result)), "")


def _sentences(result: CheckResult) -> Iterator[str]:
    if result.outcome is Outcome.PASSED:
        yield f"Right. {result.explanation}"
        return
    yield result.message
    for mistake in result.diagnosis:
        yield f"{mistake.title} {mistake.explanation}"
    if result.outcome is Outcome.FAILED:
        yield "You may answer again."


def _write(exercise: Exercise, name: str, text: str) -> None:
    """Write an answer beside the others; nobody else may write in between."""
    with writing(exercise.root, "allow it to be written."):
        folder = own_folder(exercise.root)
    with while_locked(folder):
        answers = {**answers_in(exercise), name: text}
        order = [question.name for question in questions_of(exercise)]
        listed = sorted(answers, key=lambda each: order.index(each) if each in order else len(order))
        write_atomically(exercise.stub, file_of({each: answers[each] for each in listed}), follow_links=False)


def _next(outline: Outline) -> Asked:
    """Return the first question that is not answered, in the order of the exercises that they stand before."""
    progress = {each.lesson: (each, progress_of(each)) for each in outline.exercises if each.is_questions}
    if not progress:
        raise UsageError("This course has no questions.")
    for unread in (each.unread for _, each in progress.values()):
        if unread:
            raise UsageError(unread)
    for exercise in in_course_order(outline):
        if exercise.lesson in progress:
            questions, found = progress[exercise.lesson]
            if names := found.before(exercise.name):
                return _asked(outline, questions, names[0])
    raise UsageError("All questions are answered: name one to see it again, or to answer it anew.")


def _asked(outline: Outline, exercise: ExerciseFiles, name: str) -> Asked:
    (whole,) = find_course(outline.root).select([exercise.key])
    question = next(each for each in questions_of(whole) if each.name == name)
    markdown = markdown_of(question, _rubric(whole))
    return Asked(question, whole, markdown, placeholder(question), answers_in(whole).get(name, ""))


def _rubric(exercise: Exercise) -> ExerciseRubric:
    root: Path = exercise.root
    return load_rubrics(find_course(root), [exercise.lesson])[exercise.lesson, exercise.name]
