"""Finds the line on which each key of a TOML text begins, which `tomllib` does not tell."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEY_NAME = re.compile(_NAME)
_DOTTED = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_HEADER = re.compile(rf"(?P<open>\[\[?)[ \t]*(?P<keys>{_DOTTED})[ \t]*\]\]?")
_ASSIGNMENT = re.compile(rf"(?P<keys>{_DOTTED})[ \t]*=")
_SPACE = re.compile(r"(?:\s|#[^\n]*)+")
_VALUE_TOKEN = re.compile(
    r"""
    (?P<text> \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<comment> \#[^\n]* )
    | (?P<open> [\[{] )
    | (?P<close> [\]}] )
    | (?P<end> \n )
    | (?P<other> [^"'\#\[\]{}\n]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, counted from 1, on which each table and key of a valid TOML text begins.

    A table in an array of tables has its index in its path, as in the parsed
    document; what stands inside an inline table or an array is left out.
    """
    lines: dict[KeyPath, int] = {}
    sizes: dict[KeyPath, int] = {}  # of the arrays of tables
    table: KeyPath = ()
    position = 0
    while position < len(text):
        if blank := _SPACE.match(text, position):
            position = blank.end()
            continue
        line = text.count("\n", 0, position) + 1
        if header := _HEADER.match(text, position):
            is_array = header["open"] == "[["
            table = _absolute(_names(header["keys"]), sizes, is_array)
            _note(lines, table, line)
            position = header.end()
        elif assignment := _ASSIGNMENT.match(text, position):
            _note(lines, table + _names(assignment["keys"]), line)
            position = _end_of_value(text, assignment.end())
        else:  # no valid TOML: what was found up to here still helps
            break
    return lines


def _names(dotted: str) -> tuple[str, ...]:
    """Split a dotted key; quoted names are read as TOML reads them."""
    return tuple(next(iter(tomllib.loads(f"{name} = 0"))) for name in _KEY_NAME.findall(dotted))


def _absolute(names: tuple[str, ...], sizes: dict[KeyPath, int], is_array: bool) -> KeyPath:
    """Return a header's path, in which every array of tables is followed by the index of its last table."""
    path: KeyPath = ()
    for depth, name in enumerate(names, start=1):
        path += (name,)
        if is_array and depth == len(names):
            sizes[path] = sizes.get(path, 0) + 1
        if path in sizes:
            path += (sizes[path] - 1,)
    return path


def _note(lines: dict[KeyPath, int], path: KeyPath, line: int) -> None:
    for depth in range(1, len(path) + 1):
        lines.setdefault(path[:depth], line)


def _end_of_value(text: str, position: int) -> int:
    """Return the position after a value: the first line end outside of texts and brackets."""
    depth = 0
    while token := _VALUE_TOKEN.match(text, position):
        position = token.end()
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.lastgroup == "end" and depth <= 0:
            break
    return position


def syntax_fault(text: str, error: tomllib.TOMLDecodeError) -> tuple[int, str]:
    """Return the line on which a text is not valid TOML, and why."""
    said = str(error)
    found = _AT.search(said)
    if found is None:
        return len(text.splitlines()) or 1, said
    return int(found[1]) if found[1] else len(text.splitlines()) or 1, said[: found.start()]


def line_of(key: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Return the line of a key, or of the nearest table around it."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)
