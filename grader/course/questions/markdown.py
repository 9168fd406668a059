"""A question as Markdown, and the page of a lesson with its questions filled in.

On a page a question is the line `<!-- question NAME -->`. What follows it, up to `<!-- /question -->`, is generated
from `questions.toml`, so that the text of a question is written in one place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.course.questions.judging import in_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.course.questions.model import Question
    from grader.course.rubric import ExerciseRubric

_END = "<!-- /question -->"
MARK = re.compile(r"^<!-- question (\w+) -->$", re.MULTILINE)
_BLOCK = re.compile(rf"^<!-- question (\w+) -->[ \t]*$(?:\n(?:>.*\n)*{_END})?", re.MULTILINE)


def markdown_of(question: Question, rubric: ExerciseRubric) -> str:
    """Return title, text and options of a question, and what is to be answered."""
    criterion = rubric.criterion_of(question.name)
    counts = f" It counts {in_points(criterion.points)}." if criterion is not None else ""
    options = "\n".join(f"* `{name}`: {said}" for name, said in question.options)
    parts = [f"**Question: {question.title}**", question.text, options, f"{_asked(question)}{counts}"]
    return "\n\n".join(filter(None, parts))


def with_questions(page: str, questions: Mapping[str, Question], rubric: ExerciseRubric) -> str:
    """Return a page with its questions filled in; what is not a question's name stays as it is."""

    def filled(found: re.Match[str]) -> str:
        question = questions.get(found[1])
        if question is None:
            return found[0]
        text = f"{markdown_of(question, rubric)}\n\n`grade answer {question.name} {placeholder(question)}`"
        quoted = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
        return f"<!-- question {question.name} -->\n{quoted}\n{_END}"

    return _BLOCK.sub(filled, page)


def with_marks_alone(page: str) -> str:
    """Return a page in which each question is its mark alone."""
    return _BLOCK.sub(r"<!-- question \1 -->", page)


def without_marks(markdown: str) -> str:
    """Return Markdown without the marks around questions, for a renderer that would show them."""
    return MARK.sub("", markdown).replace(_END, "")


def placeholder(question: Question) -> str:
    """Return what stands for the answer in a command."""
    return {"number": "NUMBER", "choice": "NAME", "order": "FIRST, SECOND, ..."}[question.kind]


def _asked(question: Question) -> str:
    match question.kind:
        case "number":
            return f"Answer with a number, in {question.unit}." if question.unit else "Answer with a number."
        case "choice":
            return "Answer with one of these names."
        case "order":
            return "Answer with all of these names, in their order."
