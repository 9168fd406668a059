"""What a format writes that is not a text to look at: the bytes of one file, or several files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Document(NamedTuple):
    """A file that a program reads, to the byte; `said` are sentences for whoever asked for it."""

    content: bytes
    said: Sequence[str] = ()


class File(NamedTuple):
    """One of several files: its path in their folder or archive, with `/`, and its bytes."""

    path: str
    content: bytes


class Files(NamedTuple):
    """Several files, made one by one while they are written; `said` is complete when the last one is made."""

    files: Iterator[File]
    said: Sequence[str] = ()
