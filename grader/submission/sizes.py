"""How much code there is, told before it is parsed: a syntax tree takes a thousand times the room of its text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grader.submission import limits

if TYPE_CHECKING:
    from collections.abc import Iterable

OWN_CODE = "hand in only the code that solves the exercises."
TOO_MUCH = f"more than {limits.MAX_FILE_WORDS:,} words and symbols"
# At least what Python takes for a token that may become a part of its tree, in texts and comments too. Of equal symbols
# in a row, one is: more are a line across the page, or nest too deeply.
_WORD = re.compile(r"\d+\.?\d*|\w+|([^\w\s])\1*")


class Size(NamedTuple):
    """How many bytes of code there are, and how many words and symbols of it are parsed."""

    bytes: int = 0
    words: int = 0

    def __add__(self, other: object) -> Size:
        """Return the size of both together."""
        return Size(self.bytes + other.bytes, self.words + other.words) if isinstance(other, Size) else NotImplemented


def size_of(texts: Iterable[str], size: int) -> Size:
    """Return the size of the texts of one file, which have so many bytes; of what is too large, nothing is parsed."""
    return Size(size, min(sum(map(words, texts)), limits.MAX_FILE_WORDS) if size <= limits.MAX_FILE_BYTES else 0)


def too_much(texts: Iterable[str]) -> set[int]:
    """Return which texts are left out so that the others together are not too much; the last ones count first."""
    left = limits.MAX_FILE_WORDS
    out = set()
    for index, text in reversed(list(enumerate(texts))):
        count = words(text)
        if count > left:
            out.add(index)
        else:
            left -= count
    return out


def words(text: str) -> int:
    """Return how many words and symbols a text has."""
    return sum(1 for _ in _WORD.finditer(text))
