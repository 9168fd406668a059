"""Writes remarks into a copy of a file that was handed in, which otherwise says what it said."""

from __future__ import annotations

import io
import json
import tokenize
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.report.formats.markdown import fenced
from grader.submission.entries import Form, form_of
from grader.submission.text import plain, with_newlines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARK = "# >>"  # begins every line that is added to Python code
PAGE = "feedback.html"  # in an archive
_CELLS_WITH_IDS = (4, 5)  # since this version of the format


class Remarks(NamedTuple):
    """What is written into a copy: lines about the whole, and lines about places.

    A place is the number of a notebook's cell, 0 in any other file, and the number of a line.
    """

    whole: Sequence[str]
    places: Mapping[tuple[int, int], Sequence[str]]


def annotated(path: str, content: bytes, remarks: Remarks, page: bytes | None = None) -> bytes | None:
    """Return a copy of a file with remarks, None if it is of a kind that holds none or cannot be read.

    An archive holds the `page` instead, if there is one.
    """
    match form_of(path):
        case Form.PYTHON:
            return _python(content, remarks)
        case Form.NOTEBOOK:
            return _notebook(content, remarks)
        case Form.TEXT:
            quoted = fenced("\n".join(map(plain, remarks.whole)))
            return f"{quoted}\n\n".encode() + content.removeprefix(b"\xef\xbb\xbf")
        case Form.ARCHIVE if page is not None and path.lower().endswith(".zip"):
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(PAGE, page)
            return file.getvalue()
    return None


# --- Python -------------------------------------------------------------------------------------------------------


def _python(content: bytes, remarks: Remarks) -> bytes:
    """Return the code with comments: on the whole at its top, on a line below the statement that it is part of."""
    lines = with_newlines(_decoded(content)).split("\n")
    ends = _last_lines(lines)
    below: dict[int, list[str]] = {}
    for (_, number), said in sorted(remarks.places.items()):
        below.setdefault(ends.get(number, min(number, len(lines))), []).extend(
            f"line {number}: {each}" for each in said
        )
    found = [*map(_comment, remarks.whole), ""]
    for number, line in enumerate(lines, start=1):
        indent = line[: len(line) - len(line.lstrip())]
        found += [line, *(_comment(each, indent) for each in below.get(number, ()))]
    return "\n".join(found).encode("utf-8", "replace")


def _decoded(content: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError:
        encoding = "utf-8-sig"
    return content.decode(encoding, "replace")


def _last_lines(lines: Sequence[str]) -> dict[int, int]:
    """Return the number of the last line of the statement that each line is part of, as far as this is Python."""
    found: dict[int, int] = {}
    first = None
    apart = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type == tokenize.NEWLINE and first is not None:
                found |= dict.fromkeys(range(first, token.start[0] + 1), token.start[0])
                first = None
            elif first is None and token.type not in apart:
                first = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def _comment(said: str, indent: str = "") -> str:
    """Return a text as comments: whatever it says, no line of it is code."""
    return "\n".join(f"{indent}{MARK} {line}".rstrip() for line in plain(said).split("\n"))


# --- notebooks ----------------------------------------------------------------------------------------------------


def _notebook(content: bytes, remarks: Remarks) -> bytes | None:
    """Return the notebook with cells of text: on the whole at its top, on a line below its cell."""
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
        cells = list(notebook["cells"])
        version = (notebook["nbformat"], notebook.get("nbformat_minor", 0))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    below: dict[int, list[str]] = {}
    for (cell, line), said in sorted(remarks.places.items()):
        below.setdefault(min(cell, len(cells)), []).extend(f"line {line}: {each}" for each in said)
    found = [_cell(remarks.whole)]
    for number, each in enumerate(cells, start=1):
        found += [each, *([_cell(below[number])] if number in below else [])]
    if version >= _CELLS_WITH_IDS:
        for number, each in enumerate(found):
            if "id" not in each:
                each["id"] = f"feedback-{number}"
    return json.dumps({**notebook, "cells": found}, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _cell(said: Sequence[str]) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": fenced("\n".join(map(plain, said)))}
