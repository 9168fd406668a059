"""Answers what has no options: `grade`, `grade NAME...` and `grade list`, which people wait for most often.

Typer, and what it leans on, take as long to import as all that such a command does.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from grader.cli.at_desk import grade_at_desk, show_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PLAIN = "GRADE_PLAIN"
COMMANDS = frozenset(
    """
    answer attempts autograder batch calibrate choose ci clusters convert debug doctor examples explain export
    gradebook hint init list locate mark marking messages mistakes new notebook override record release repositories
    reset show verify watch
    """.split()
)


def quick(arguments: Sequence[str]) -> Callable[[], int] | None:
    """Return what a command line does if it has no options, None if it must be parsed."""
    if os.environ.get(PLAIN):  # an option that is always given
        return None
    if list(arguments) == ["list"]:
        return show_list
    if any(argument.startswith("-") for argument in arguments) or (arguments and arguments[0] in COMMANDS):
        return None
    return lambda: grade_at_desk(arguments)
