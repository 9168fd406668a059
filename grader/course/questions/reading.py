"""Reads `exercises/LESSON/questions.toml`, and the answers to it."""

from __future__ import annotations

import base64
import functools
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from grader.course.questions.model import Key, Question, Tempting
from grader.course.questions.typed import AnswerError, value_of
from grader.course.questions.verdict import is_right
from grader.course.schema_faults import Fault, suggestion
from grader.course.toml_file import read_toml
from grader.course.toml_lines import key_lines, line_of
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from grader.course.sources import ExerciseFiles

SHIPPED = "grader.shipped_answers/1"


class QuestionsError(UsageError):
    """A file of questions or answers is wrong; the text begins with the file and the line of the key."""


# --- questions -----------------------------------------------------------------------------------------------------


def questions_of(exercise: ExerciseFiles) -> tuple[Question, ...]:
    """Return the questions of a lesson, in the order of their file; `exercise` is the one that they make.

    Raises:
        QuestionsError: the file is not TOML, violates `schemas/questions-1.schema.json`, names an exercise that is not
            there, or a question lacks what its kind needs.
    """
    path = exercise.public_checks
    with reading(path):
        found = path.stat()
    return _questions(exercise.root, path, (found.st_mtime_ns, found.st_size))


@functools.lru_cache(maxsize=256)
def _questions(root: Path, path: Path, _changed: tuple[int, int]) -> tuple[Question, ...]:
    read = read_toml(path, path.relative_to(root).as_posix(), "questions-1.schema.json", QuestionsError)
    # Not the stubs, which a student may have deleted.
    exercises = {check.stem.removeprefix("test_") for check in (path.parent / "checks").glob("test_*.py")}
    tables: Mapping[str, Any] = read.data["questions"]
    read.refuse(fault for name, table in tables.items() for fault in _faults(("questions", name), table, exercises))
    lines = key_lines(read.text)
    return tuple(
        Question(
            name=name,
            before=table["before"],
            title=table["title"],
            text=table["text"].strip(),
            kind=table["kind"],
            unit=table.get("unit", ""),
            options=tuple(table.get("options", {}).items()),
            line=line_of(("questions", name), lines),
        )
        for name, table in tables.items()
    )


def _faults(key: tuple[str, str], table: Mapping[str, Any], exercises: set[str]) -> Iterator[Fault]:
    if table["before"] not in exercises:
        remedy = suggestion(table["before"], exercises, "name an exercise of the lesson.")
        yield Fault((*key, "before"), f"there is no exercise `{table['before']}`: {remedy}")
    is_number = table["kind"] == "number"
    if is_number and "options" in table:
        yield Fault((*key, "options"), "a number has no options: remove them, or ask for a choice.")
    if not is_number and "options" not in table:
        yield Fault(key, f"this question asks for {_A[table['kind']]} and has no options: add a table `options`.")
    if not is_number and "unit" in table:
        yield Fault((*key, "unit"), "only a number has a unit: remove it.")


_A = {"choice": "a choice", "order": "an order"}


# --- answers -------------------------------------------------------------------------------------------------------


def keys_of(exercise: ExerciseFiles) -> dict[str, Key]:
    """Return the answers that this copy of the course has, by question: all of them only where `reference/` is.

    Raises:
        QuestionsError: the file of the answers is wrong, or does not fit the questions.
    """
    questions = questions_of(exercise)
    if (path := exercise.answer_key) is not None:
        return _written_keys(exercise, path, questions)
    if (shipped := exercise.mistakes) is not None:
        return _shipped_keys(shipped, questions)
    return {}


def _written_keys(exercise: ExerciseFiles, path: Path, questions: Iterable[Question]) -> dict[str, Key]:
    read = read_toml(path, path.relative_to(exercise.root).as_posix(), "answer-key-1.schema.json", QuestionsError)
    tables: Mapping[str, Any] = read.data["answers"]
    known = {question.name: question for question in questions}
    read.refuse(
        Fault(("answers", name), f"there is no question `{name}`: {suggestion(name, known, 'remove the answer.')}")
        for name in tables
        if name not in known
    )
    read.refuse(
        Fault(("answers",), f"question `{name}` has no answer: add a table [answers.{name}].")
        for name in known
        if name not in tables
    )
    read.refuse(fault for name, table in tables.items() for fault in _key_faults(known[name], table))
    return {name: _key(table) for name, table in tables.items()}


def _key_faults(question: Question, table: Mapping[str, Any]) -> Iterator[Fault]:
    here = ("answers", question.name)
    entries = [(here, table), *(((*here, "tempting", n), each) for n, each in enumerate(table.get("tempting", ())))]
    for key, entry in entries:
        if "tolerance" in entry and question.kind != "number":
            yield Fault((*key, "tolerance"), "only a number has a tolerance: remove it.")
        try:
            value_of(question, text_of(entry["answer"]))
        except AnswerError as error:
            yield Fault((*key, "answer"), f"the answer does not fit the question. {error}")
            return
    right = _key({**table, "tempting": ()})
    for key, entry in entries[1:]:
        if is_right(question, right, value_of(question, text_of(entry["answer"]))):
            yield Fault((*key, "answer"), "this answer is right: a tempting one is wrong. Remove it.")


def _key(table: Mapping[str, Any]) -> Key:
    return Key(
        answer=text_of(table["answer"]),
        tolerance=Decimal(str(table.get("tolerance", 0))),
        explanation=_one_line(table["explanation"]),
        tempting=tuple(
            Tempting(
                answer=text_of(each["answer"]),
                tolerance=Decimal(str(each.get("tolerance", 0))),
                mistake=_one_line(each["mistake"]),
                why=_one_line(each["why"]),
            )
            for each in table.get("tempting", ())
        ),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def text_of(answer: Any) -> str:
    """Return an answer of a TOML file as somebody would type it."""
    return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)


# --- what ships ----------------------------------------------------------------------------------------------------


def shipped(keys: Mapping[str, Key]) -> bytes:
    """Return answers as a file of a student's copy: obscured, so that nobody reads them by accident."""
    answers = {name: base64.b64encode(json.dumps(_plain(key)).encode()).decode() for name, key in sorted(keys.items())}
    return (json.dumps({"schema": SHIPPED, "answers": answers}, indent=1) + "\n").encode()


def shown_again(text: str) -> Any:
    """Return what one entry of such a file says."""
    return json.loads(base64.b64decode(text))


def _plain(key: Key) -> dict[str, Any]:
    return {
        "answer": key.answer,
        "tolerance": str(key.tolerance),
        "explanation": key.explanation,
        "tempting": [
            {"answer": each.answer, "tolerance": str(each.tolerance), "mistake": each.mistake, "why": each.why}
            for each in key.tempting
        ],
    }


def _shipped_keys(path: Path, questions: Iterable[Question]) -> dict[str, Key]:
    with reading(path):
        content = path.read_bytes()
    try:
        data = json.loads(content)
        if data["schema"] != SHIPPED:
            raise ValueError(f'its schema is "{data["schema"]}"')
        keys = {name: _key(shown_again(text)) for name, text in data["answers"].items()}
        for question in questions:
            if key := keys.get(question.name):
                for answer in (key.answer, *(each.answer for each in key.tempting)):
                    value_of(question, answer)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, AnswerError) as error:
        raise UsageError(f"{path} is damaged ({error}): put it back as it was in the course.") from error
    return {question.name: keys[question.name] for question in questions if question.name in keys}


def answers_to_ship(exercise: ExerciseFiles, counting: Iterable[str]) -> bytes:
    """Return the file with the answers to practice questions, without those to the questions that are `counting`."""
    left_out = set(counting)
    return shipped({name: key for name, key in keys_of(exercise).items() if name not in left_out})
