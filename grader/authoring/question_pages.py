"""Brings a lesson's questions onto its page, and says which of them are missing there or in the wrong place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course.model import Course
from grader.course.questions.markdown import MARK, with_questions
from grader.course.questions.reading import questions_of
from grader.course.rubric_reading import load_rubrics
from grader.course.schema_faults import suggestion
from grader.faults import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.course.model import Exercise, Lesson


def filled_page(lesson: Lesson) -> str:
    """Return the lesson's page with its questions filled in."""
    page = text_of(lesson.folder / "README.md")
    if lesson.questions is None:
        return page
    rubric = load_rubrics(Course(lesson.rubric.parents[1], "", (lesson,)), [lesson.name])
    questions = {question.name: question for question in questions_of(lesson.questions)}
    return with_questions(page, questions, rubric[lesson.name, lesson.questions.name])


def page_faults(exercise: Exercise, page: str, parts: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the place of questions; `parts` are those of the notebook, in their order."""
    questions = {question.name: question for question in questions_of(exercise)}
    place = f"exercises/{exercise.lesson}/README.md"
    marked = MARK.findall(page)
    for name in marked:
        if name not in questions:
            remedy = suggestion(name, questions, "correct the name or remove the line.")
            yield f"{place} has a place for the question `{name}`, which is not there: {remedy}"
    for name, question in questions.items():
        if marked.count(name) != 1:
            many = "is not" if name not in marked else f"is {marked.count(name)} times"
            yield f"{name} {many} in {place}: add the line <!-- question {name} --> once, before `{question.before}`."
        elif question.before in parts and parts.index(question.before) < parts.index(f"<!-- question {name} -->"):
            yield f"{name} stands after `{question.before}` in {place}: move it before the exercise."
