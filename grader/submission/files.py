"""Reads one .py file: its bytes decoded and parsed as Python would."""

from __future__ import annotations

import ast
import codecs
import inspect
import re
from typing import TYPE_CHECKING

from grader.submission import limits
from grader.submission.bindings import bindings
from grader.submission.model import Fault, File
from grader.submission.notebook.elsewhere import run_elsewhere
from grader.submission.notebook.magics import parsed
from grader.submission.question_answers import in_script
from grader.submission.scopes import uses
from grader.submission.sizes import OWN_CODE, TOO_MUCH, words
from grader.submission.statements import Parting, has_text_annotations
from grader.submission.text import plain, printable, syntax_problem, with_newlines

if TYPE_CHECKING:
    from collections.abc import Sequence

_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UTF8_COOKIE = re.compile(r"u8|utf-?8(-.*)?")
_COMMENT_OR_BLANK = re.compile(rb"[ \t\f]*(#.*)?\r?$")
_DEFINITION = re.compile(r"\bdef\s+(\w+)")


def read_python(path: str, content: bytes) -> File:
    """Decode and parse one file as Python itself would, except that it must be UTF-8.

    A file that a notebook was exported to may have magics and shell lines in it: they are dropped.
    """
    text = with_newlines(content.decode("utf-8", "replace").removeprefix("\ufeff"))
    sentence = _encoding_problem(path, content)
    undecodable = bool(sentence)
    if not sentence and words(text) > limits.MAX_FILE_WORDS:
        sentence = f"{path} has {TOO_MUCH} of code: {OWN_CODE}"
    if not sentence:
        try:
            return _file(path, text, *parsed(text))
        except SyntaxError as error:
            sentence = syntax_problem(f"{path} has a syntax error on line {error.lineno or 1}", text, error)
        except (ValueError, OverflowError, RecursionError, MemoryError):
            sentence = f"{path} is too deeply nested for Python: simplify it."
    names = frozenset(_DEFINITION.findall(text))
    given = () if undecodable else tuple(in_script(path, text))
    return File(path, text, faults=(Fault(sentence, names, unread=undecodable),), given=given)


def _file(path: str, source: str, text: str, body: list[ast.stmt]) -> File:
    """Return the file that consists of these statements; `text` is its source without magics."""
    parting = Parting(annotations_are_texts=has_text_annotations(body))
    parting.add(path, text, body)
    parting.finish()
    return File(
        path,
        text,
        bindings(body),
        left_out=run_elsewhere(path, source) | parting.left_out,
        statements=tuple(parting.statements),
        uses=uses(body),
        docstring=_docstring(body),
        given=tuple(in_script(path, source)),
    )


def _docstring(body: Sequence[ast.stmt]) -> str:
    """Return the docstring at the top; one of a single line is the file's title, and nobody's answer."""
    match body:
        case [ast.Expr(ast.Constant(str(docstring))), *_] if "\n" in docstring.strip():
            return plain(inspect.cleandoc(docstring))[: limits.MAX_TEXT_BYTES]
    return ""


def unread(path: str, obstacle: str) -> File:
    """Return the file that stands for one that is not opened."""
    return File(printable(path), "", faults=(Fault(f"{printable(path)} {obstacle}.", unread=True),))


def _encoding_problem(path: str, content: bytes) -> str:
    for line in content.removeprefix(codecs.BOM_UTF8).split(b"\n", 2)[:2]:
        cookie = _COOKIE.match(line)
        if cookie:
            declared = cookie[1].decode("ascii", "replace")
            if not _UTF8_COOKIE.fullmatch(declared.lower().replace("_", "-")):
                return f"{path} declares the encoding {declared[:40]}: remove that line and save it as UTF-8."
            break
        if not _COMMENT_OR_BLANK.match(line):
            break  # Python looks at the second line only if the first holds no code
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"{path} is not UTF-8 (byte {error.start} is 0x{content[error.start]:02x}): save it as UTF-8."
    if b"\0" in content:
        return f"{path} contains a null byte (byte {content.index(0)}): save it as UTF-8 text."
    return ""
