"""The file that a student's answers are written to, `answers.toml`: read from any bytes, and written whole."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.course.questions.typed import LONGEST
from grader.course.toml_lines import key_lines, line_of, syntax_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "grader.answers/1"
MAX_BYTES = 100_000
NAME = re.compile(r"[a-z][a-z0-9_]{1,59}", re.ASCII)
_HEAD = f"""# Your answers to the questions of this lesson. `grade answer NAME VALUE` writes this file, and you may
# edit it. Hand it in with your work.
schema = "{SCHEMA}"

[answers]
"""


class AnswerFileError(Exception):
    """A file of answers cannot be read; the text is a sentence without the file's name, which it goes on from."""


class Written(NamedTuple):
    """What a file says in answer to a question, and on which line; `fault` says why that cannot be an answer."""

    text: str
    line: int
    fault: str = ""


def read_answers(content: bytes) -> dict[str, Written]:
    """Return the answers of a file, by question.

    Raises:
        AnswerFileError: it is too long, not UTF-8, not TOML, or not a file of answers.
    """
    if len(content) > MAX_BYTES:
        raise AnswerFileError(f"is longer than {MAX_BYTES // 1000} kB: keep only your answers.")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise AnswerFileError(f"is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        line, reason = syntax_fault(text, error)
        sentence = f'is not valid TOML (line {line}: {reason}): write one answer a line, as in `name = "value"`.'
        raise AnswerFileError(sentence) from error
    except (ValueError, RecursionError) as error:  # a number without end, tables in tables
        raise AnswerFileError("has values that are too long or too deeply nested: keep only your answers.") from error
    lines = key_lines(text)
    if data.get("schema", SCHEMA) != SCHEMA:
        raise AnswerFileError(f'has another `schema` (line {line_of(("schema",), lines)}): write "{SCHEMA}".')
    answers = data.get("answers", {})
    if not isinstance(answers, dict):
        raise AnswerFileError(f"has `answers` that are not a table (line {line_of(('answers',), lines)}): [answers].")
    return {
        name: _written(name, value, line_of(("answers", name), lines))
        for name, value in answers.items()
        if NAME.fullmatch(name)
    }


def file_of(answers: Mapping[str, str]) -> str:
    """Return the text of a file with these answers."""
    return _HEAD + "".join(f"{name} = {json.dumps(text, ensure_ascii=False)}\n" for name, text in answers.items())


def _written(name: str, value: Any, line: int) -> Written:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        text = ", ".join(value)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        text = str(value)
    else:
        return Written("", line, f"`{name}` (line {line}) is not a number, a name or a list of names: write one.")
    if len(text) > LONGEST:
        return Written("", line, f"`{name}` (line {line}) has {len(text)} characters: write the answer alone.")
    return Written(text, line)
