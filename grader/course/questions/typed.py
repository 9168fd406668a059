"""Reads an answer as somebody has typed it: a number, the name of an option, or an order of names. Nothing is run."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from grader.course.schema_faults import suggestion

if TYPE_CHECKING:
    from grader.course.questions.model import Question

LONGEST = 400  # characters of an answer
BLANK = "..."  # what stands in the place of an answer that nobody has given yet
_LONGEST_NUMBER = 40
_LONGEST_SHOWN = 60
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d[\d.]*,[\d.,]*\d?")
_BETWEEN = re.compile(r"[\s,;<>\[\]\"'`]+|->")

Value = Decimal | str | tuple[str, ...]


class AnswerError(Exception):
    """An answer is not what its question asks for; the text is a sentence with the remedy."""


def value_of(question: Question, text: str) -> Value:
    """Return what an answer says: a number exactly as it is written, the name of an option, or all names in order.

    Raises:
        AnswerError: it is something else.
    """
    if len(text) > LONGEST:
        raise AnswerError(f"Your answer has {len(text)} characters: {expected(question)}")
    match question.kind:
        case "number":
            return _number(question, text.strip())
        case "choice":
            return _choice(question, text)
        case "order":
            return _order(question, text)


def expected(question: Question) -> str:
    """Return the sentence on what is to be written, after a colon."""
    match question.kind:
        case "number":
            return "write a number with digits alone, such as 12, 0.7 or 6.81e2."
        case "choice":
            return f"write one of {', '.join(question.names)}."
        case "order":
            return f"write all of these, each once, with commas between them: {', '.join(question.names)}."


def is_blank(text: str) -> bool:
    """Tell what stands in the place of an answer: nothing, or three dots."""
    return text.strip() in ("", BLANK, "\u2026")


def shown(text: str) -> str:
    """Return an answer as a sentence quotes it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:LONGEST]).replace("`", "'").split())
    return f"`{line if len(line) <= _LONGEST_SHOWN else line[:_LONGEST_SHOWN] + '...'}`"


def _number(question: Question, text: str) -> Decimal:
    bare = text.removesuffix(question.unit).rstrip() if question.unit else text
    if _COMMA.fullmatch(bare):
        raise AnswerError(
            f"{shown(text)} has a comma: write a point before decimals, as in 0.7, and nothing between thousands."
        )
    if len(bare) > _LONGEST_NUMBER or not _NUMBER.fullmatch(bare):
        raise AnswerError(f"{shown(text)} is not a number: {expected(question)}")
    return Decimal(bare)


def _choice(question: Question, text: str) -> str:
    name = text.strip(" \t\r\n\"'`.").casefold()
    if name not in question.names:
        remedy = suggestion(name[:_LONGEST_SHOWN], question.names, expected(question))
        raise AnswerError(f"{shown(text)} is not one of the options: {remedy}")
    return name


def _order(question: Question, text: str) -> tuple[str, ...]:
    given = tuple(name.casefold() for name in _BETWEEN.split(text) if name)
    for name in given:
        if name not in question.names:
            remedy = suggestion(name[:_LONGEST_SHOWN], question.names, expected(question))
            raise AnswerError(f"{shown(name)} is not one of the options: {remedy}")
        if given.count(name) > 1:
            raise AnswerError(f"`{name}` is there {given.count(name)} times: {expected(question)}")
    missing = [name for name in question.names if name not in given]
    if missing:
        raise AnswerError(f"`{missing[0]}` is missing: {expected(question)}")
    return given
