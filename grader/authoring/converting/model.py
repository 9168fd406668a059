"""What is taken out of an assignment's notebook, whichever tool it was written for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Unconvertible(Exception):
    """Something cannot be converted; the text says why, and what to do, without naming the cell."""


class Left(NamedTuple):
    """A cell of which something was not converted, and why."""

    cell: int
    reason: str


@dataclass(frozen=True)
class Code:
    """A cell of code that is neither an answer nor a test: what students are given."""

    cell: int
    text: str


@dataclass(frozen=True)
class Answer(Code):
    """A cell that students write, with its solution.

    `released` is what students get of it, with `raise NotImplementedError` for the solution; `statement` is the text
    above it, in Markdown.
    """

    released: str
    statement: str


@dataclass(frozen=True)
class Test(Code):
    """A cell of tests: `text` is all of it, `visible` what students see, "" if they see nothing.

    `shown` is what the cell's last line gave when it was run, where the tool compares with that.
    """

    visible: str
    points: float
    shown: str | None = None


@dataclass(frozen=True)
class Assignment:
    """A notebook, taken apart."""

    answers: tuple[Answer, ...]
    tests: tuple[Test, ...]
    given: tuple[Code, ...]
    left: tuple[Left, ...]


def points_text(points: float) -> str:
    """Return a number of points with its noun."""
    return f"{points:g} point{'' if points == 1 else 's'}"
