"""Collects what every comparison of a grading measured, by check and sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.checks import Distance
    from grader.course.model import Exercise


class Comparisons:
    """The distances of every comparison, (check, sentence); `note` is for `Grader.grade` to call after each check."""

    def __init__(self, seen: list[Distance]) -> None:
        self.found: dict[tuple[str, str], list[Distance]] = {}
        self._seen = seen

    def note(self, _: Exercise, check: str) -> None:
        """Take what has been measured since the last call as what `check` measured."""
        for distance in self._seen:
            self.found.setdefault((check, distance.sentence), []).append(distance)
        self._seen.clear()


@contextmanager
def comparisons() -> Iterator[Comparisons]:
    """Yield the comparisons of what is graded inside the block."""
    from grader.checks import observe_distances

    with observe_distances() as seen:
        yield Comparisons(seen)
