"""What a question is, what its answer is, and which wrong answers tempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal

Kind = Literal["number", "choice", "order"]


@dataclass(frozen=True)
class Question:
    """A question that stands before an exercise.

    `text` is Markdown. `unit` is that of a number ("" for a count), `options` are names with what they say: of a
    choice one is right, of an order all are to be put into their order. `line` is where it begins in its file.
    """

    name: str
    before: str
    title: str
    text: str
    kind: Kind
    unit: str
    options: tuple[tuple[str, str], ...]
    line: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its options."""
        return tuple(name for name, _ in self.options)


@dataclass(frozen=True)
class Tempting:
    """A wrong answer: `mistake` names in a sentence what it comes of, `why` explains why it tempts and is wrong."""

    answer: str
    tolerance: Decimal
    mistake: str
    why: str


@dataclass(frozen=True)
class Key:
    """What is right, as somebody would type it; a number may be off by `tolerance`."""

    answer: str
    tolerance: Decimal
    explanation: str
    tempting: tuple[Tempting, ...]
