"""Blanks that are to be filled in: which stubs have them, how they are written, and which are left in a function."""

from __future__ import annotations

import ast
import re
from typing import Literal

Support = Literal["guided", "supported", "independent"]  # how much of the way stubs show; guided ones have blanks

BLANK = "____"  # a name that nothing binds
_ASKED = re.compile(r"Fill in the (?:blank|(\d+) blanks), written as ____\.\Z")
_MOST = 1000  # blanks of a function: nobody reads more lines


def asked(count: int) -> str:
    """Return the sentence with which the docstring of a stub asks for that many blanks to be filled in."""
    return f"Fill in the {'blank' if count == 1 else f'{count} blanks'}, written as {BLANK}."


def blanks_in(definition: ast.AST) -> tuple[int, ...]:
    """Return the line of every blank in a definition, in order; none if the name is a variable there."""
    names = [part for part in ast.walk(definition) if isinstance(part, ast.Name) and part.id == BLANK]
    if not names or any(not isinstance(name.ctx, ast.Load) for name in names):
        return ()
    if any(isinstance(part, ast.arg) and part.arg == BLANK for part in ast.walk(definition)):
        return ()
    return tuple(sorted(name.lineno for name in names)[:_MOST])


def all_blanks_left(function: ast.FunctionDef) -> bool:
    """Tell a function that has as many blanks as its docstring asks for: nobody has filled in any."""
    lines = (ast.get_docstring(function) or "").splitlines()
    found = _ASKED.match(lines[-1]) if lines else None
    return found is not None and len(blanks_in(function)) == int(found[1] or 1)


def left(places: list[tuple[str, int]]) -> str:
    """Return how many blanks are left and on which lines, as a sentence; each place is a file and a line in it."""
    lines: dict[str, dict[int, None]] = {}
    for file, line in places:
        lines.setdefault(file, {})[line] = None
    where = ", and in ".join(f"{file}: {_listed(list(numbers))}" for file, numbers in lines.items())
    return f"{len(places)} blank{' is' if len(places) == 1 else 's are'} left in {where}."


def _listed(numbers: list[int]) -> str:
    *others, last = map(str, numbers)
    return f"lines {', '.join(others)} and {last}" if others else f"line {last}"
