"""The code that an exercise was graded on, as a report lists it: by file or cell, with the line numbers known there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.results import CodeFile, CodeLine
from grader.submission.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.submission.model import Source

MOST_LINES = 5_000  # of a report: more than anybody reads


def graded_code(sources: Iterable[Source | Problem]) -> tuple[CodeFile, ...]:
    """Return every file that some exercise may import, once; lines out of a notebook stand under their cells."""
    found: dict[str, dict[int, str]] = {}
    for source in sources:
        if isinstance(source, Problem):
            continue
        for path, text in source.files.items():
            places = source.places.get(path)
            for number, line in enumerate(text.split("\n"), start=1):
                if not places:
                    found.setdefault(path, {})[number] = line
                elif number <= len(places):
                    file, at = places[number - 1]
                    found.setdefault(file, {})[at] = line
    files = []
    room = MOST_LINES
    for path, lines in found.items():
        kept = tuple(CodeLine(number, lines[number]) for number in sorted(lines)[:room])
        room -= len(kept)
        if kept:
            files.append(CodeFile(path, kept))
    return tuple(files)
