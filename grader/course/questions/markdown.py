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

    from grader.course.questions.model import Key, Question
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


def folded_answer(question: Question, key: Key) -> str:
    """Return what is right, why, and why other answers tempt, folded away until somebody asks for it."""
    right = " ".join(filter(None, [_as_code(key.answer), question.unit]))
    tempting = "\n".join(f"* {_as_code(each.answer)}: {each.mistake} {each.why}" for each in key.tempting)
    why_not = f"Why other answers tempt:\n\n{tempting}" if tempting else ""
    parts = ["<details><summary>Answer</summary>", f"**{right}**", key.explanation, why_not, "</details>"]
    return "\n\n".join(filter(None, parts))  # without the blank lines, the inner text is not read as Markdown


def with_questions(
    page: str, questions: Mapping[str, Question], rubric: ExerciseRubric, keys: Mapping[str, Key] | None = None
) -> str:
    """Return a page with its questions filled in, and below each the answer in `keys`, if there is one.

    What is not a question's name stays as it is.
    """

    def filled(found: re.Match[str]) -> str:
        question = questions.get(found[1])
        if question is None:
            return found[0]
        text = f"{markdown_of(question, rubric)}\n\n`grade answer {question.name} {placeholder(question)}`"
        if keys and (key := keys.get(question.name)):
            text += f"\n\n{folded_answer(question, key)}"
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


def _as_code(answer: str) -> str:
    """Return a number or a name as code, each name of an order by itself."""
    return ", ".join(f"`{part}`" for part in answer.split(", "))


def _asked(question: Question) -> str:
    match question.kind:
        case "number":
            return f"Answer with a number, in {question.unit}." if question.unit else "Answer with a number."
        case "choice":
            return "Answer with one of these names."
        case "order":
            return "Answer with all of these names, in their order."
