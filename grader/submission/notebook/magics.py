"""Makes plain Python of a cell: magics, shell lines and requests for help go, and every line stays where it was."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, NamedTuple

from grader.course.syntax import parse
from grader.submission.text import with_newlines

if TYPE_CHECKING:
    import ast

# Cell magics whose cell is ordinary Python in the notebook's own namespace; all others contain something else.
_PYTHON_MAGICS = {"capture", "exercise", "prun", "time"}
_MAGIC_LINE = re.compile(r"[ \t]*(?:[%!?]|[\w, .]+=[ \t]*[%!](?![=]))")
# What a kernel takes for a magic without `%`; as Python, such a line is a syntax error.
_AUTOMAGIC_LINE = re.compile(
    r"(?:autoreload|cat|cd|clear|conda|cp|ls|load_ext|mamba|matplotlib|mkdir|mv|pip3?|pwd|reload_ext|rm|run|uv)"
    r"(?:[ \t]+[^\s=(\[.,:][^=(]*)?$"
)
_HELP_LINE = re.compile(r"[ \t]*[\w.*]+\?{1,2}[ \t]*(#.*)?$")
_PROMPT = ">>>"
_PROMPTS = re.compile(r"^[ \t]*(?:>>>|\.\.\.)(?: |$)")
CELL_MAGIC = re.compile(r"%%(\w*)(.*)")
_EXERCISE = re.compile(r"\s*%%exercise[ \t]+(\w+)")
_QUOTES = ('"""', "'''", '"', "'")
_TOKENS = {quote: re.compile(rf"\\.|{quote}") for quote in _QUOTES}  # inside such a text, and outside of any
_TOKENS[""] = re.compile("|".join([*_QUOTES, "#", r"[()\[\]{}]"]))


def exercise_of(source: str) -> str:
    """Return the name after a cell's `%%exercise`, empty if the cell does not begin with that."""
    found = _EXERCISE.match(source)
    return found[1] if found else ""


def without_magics(source: str) -> str:
    """Return a cell as plain Python with its lines where they were; a cell that is not Python stays as it is."""
    text = python_of(with_newlines(source))
    with contextlib.suppress(SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        text = parsed(text).text
    first = text.partition("\n")[0]
    return text if first.strip() else f"#{text}"  # a kernel takes empty lines off the beginning


class Parsed(NamedTuple):
    """The text of a cell without magics, and its statements."""

    text: str
    body: list[ast.stmt]


def parsed(text: str) -> Parsed:
    """Parse a cell, without its magics if it is not Python with them; raises what `parse` raises."""
    try:
        return Parsed(text, parse(text).body)
    except SyntaxError:  # which every magic is
        plain = _dropped(text)
        return Parsed(plain, parse(plain).body)


def python_of(source: str) -> str:
    """Return a cell's Python with its line numbers kept: without the line of a cell magic, or nothing of another's."""
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    magic = CELL_MAGIC.match(lines[first])
    if magic:
        if magic[1] not in _PYTHON_MAGICS:
            return ""
        lines[first] = ""
        first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if lines[first].lstrip().startswith(_PROMPT):  # pasted from an interpreter, whose prompts a kernel takes off
        lines = [_PROMPTS.sub("", line) for line in lines]
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip(" \t"))]
    if indent:  # pasted from somewhere; notebooks run it all the same
        lines = [line.removeprefix(indent) for line in lines]
    return "\n".join(lines)


def _dropped(text: str) -> str:
    """Replace magics, shell lines and requests for help by `pass`, because a block may contain nothing else."""
    lines = []
    quote, depth, joined, skipping = "", 0, False, False
    for line in text.split("\n"):
        if skipping:  # the line before ended in a backslash
            skipping = line.endswith("\\")
            lines.append("")
            continue
        starts = not (quote or depth or joined)
        if starts and any(pattern.match(line) for pattern in (_MAGIC_LINE, _HELP_LINE, _AUTOMAGIC_LINE)):
            lines.append(line[: len(line) - len(line.lstrip(" \t"))] + "pass")
            skipping = line.endswith("\\")
            continue
        quote, depth = _state_after(line, quote, depth)
        joined = line.endswith("\\")
        lines.append(line)
    return "\n".join(lines)


def _state_after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Return the triple quote that is open at the end of a line, and how many brackets are."""
    at = 0
    while token := _TOKENS[quote].search(line, at):
        at = token.end()
        text = token[0]
        if quote:
            quote = "" if text == quote else quote
        elif text[0] in "\"'":
            quote = text
        elif text[0] == "#":
            break
        elif text in "([{":
            depth += 1
        elif text in ")]}":
            depth = max(0, depth - 1)
    return quote if len(quote) == 3 else "", depth  # noqa: PLR2004 - a single one ends with its line
