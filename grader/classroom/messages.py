"""Whether messages help: how often the attempt after a failure mends the check that failed, by what was said."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from grader.attempts import read_attempts
from grader.diagnosis.variants import describe_variant
from grader.errors import UsageError
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from grader.attempts import Attempts
    from grader.classroom.records import Key, Stored, StudentRecord
    from grader.course.model import Exercise

_NORMAL = 1.96  # standard deviations on either side that hold 95 % of a normal distribution


class Said(NamedTuple):
    """What somebody was told of a failed check: a known mistake with its explanation, or the check's own sentence.

    `variant` is "" where no mistake was named.
    """

    exercise: Key
    variant: str
    title: str


@dataclass
class Effect:
    """How often something was said to somebody, how often they tried again with other code, and if that mended it."""

    said: Said
    students: int = 0
    tried_again: int = 0
    mended: int = 0

    @property
    def share(self) -> float:
        """The share of the next attempts that mended it; NaN if there are none."""
        return self.mended / self.tried_again if self.tried_again else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the true one lies in 95 of 100 such classes (Wilson's interval); (0, 1) without tries.

        (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) with z = 1.96. Wilson, JASA 22 (1927).
        """
        n, z = self.tried_again, _NORMAL
        if not n:
            return 0.0, 1.0
        p = self.share
        middle, width = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)


class Try(NamedTuple):
    """One try at an exercise: which checks passed, and what was said of which; `code` is equal for equal code."""

    code: Hashable
    passed: frozenset[str]
    said: Mapping[Said, Sequence[str]]


def effects(students: Iterable[Iterable[Sequence[Try]]]) -> list[Effect]:
    """Return the effect of everything that was said to a class, what helped least first.

    Each student has the tries at each exercise, in their order. The next one counts if its code is another. What was
    said twice of one try, as one mistake behind several checks, counts once, and is mended if all of these pass.
    """
    found: dict[Said, Effect] = {}
    for exercises in students:
        told = set()
        for tries in exercises:
            for this, following in _pairs(tries):
                for said, checks in this.said.items():
                    effect = found.setdefault(said, Effect(said))
                    told.add(said)
                    if following is not None:
                        effect.tried_again += 1
                        effect.mended += following.passed.issuperset(checks)
        for said in told:
            found[said].students += 1
    return sorted(found.values(), key=lambda effect: (effect.interval[1], -effect.tried_again, effect.said))


def _pairs(tries: Sequence[Try]) -> Iterator[tuple[Try, Try | None]]:
    """Yield each try with the next one whose code differs; the last one with None."""
    different = [each for place, each in enumerate(tries) if not place or tries[place - 1].code != each.code]
    yield from zip(different, [*different[1:], None], strict=True)


def tries_of(record: StudentRecord) -> list[list[Try]]:
    """Return a student's tries in the gradebook, by exercise: those that were graded and have work for it."""
    return [
        [
            Try(stored.code, _passed(stored), _said(stored))
            for attempt in record.attempts
            if (stored := attempt.results.get(key)) is not None and stored.decided and stored.written
        ]
        for key in sorted({key for attempt in record.attempts for key in attempt.results})
    ]


def files_of_attempts(paths: Iterable[Path]) -> list[Attempts]:
    """Return what students have noted, one file each: those named, and every `.json` below the folders.

    Raises:
        UsageError: one cannot be read.
    """
    found = []
    for path in paths:
        for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
            try:
                found.append(read_attempts(file))
            except OSError as error:
                raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
    return found


def tries_at_desk(attempts: Attempts, known: KnownNames) -> list[list[Try]]:
    """Return the tries that a student has noted at a desk, by exercise.

    The file is the student's: of what it names, only what the course knows counts, in the words of the course.
    """
    found: dict[str, list[Try]] = {}
    for attempt in attempts.attempts:
        said: dict[Said, list[str]] = {}
        for check, variants in attempt.failed.items():
            for each in known.said_of(attempt.exercise, check, variants):
                said.setdefault(each, []).append(check)
        found.setdefault(attempt.exercise, []).append(Try(attempt.work, frozenset(attempt.passed), said))
    return list(found.values())


class KnownNames:
    """The checks and the known mistakes of a course, by name."""

    def __init__(self, exercises: Iterable[Exercise]) -> None:
        self._exercises = {exercise.key: exercise for exercise in exercises}
        self._described = functools.cache(describe_variant)

    def said_of(self, key: str, check: str, variants: Sequence[str]) -> list[Said]:
        """Return what was said of a failed check; nothing that the course does not know."""
        exercise = self._exercises.get(key)
        if exercise is None:
            return []
        place = exercise.lesson, exercise.name
        if variants:
            named = [path for path in exercise.wrong if path.stem in variants]
            return [Said(place, path.stem, self._described(path).title) for path in named]
        return [Said(place, "", each.title) for each in exercise.checks if each.name == check]


def _passed(stored: Stored) -> frozenset[str]:
    return frozenset(check.name for check in stored.result.checks if check.outcome is Outcome.PASSED)


def _said(stored: Stored) -> dict[Said, list[str]]:
    """Return what was said of an attempt, each with the checks of which it was."""
    key = (stored.result.lesson, stored.result.name)
    found: dict[Said, list[str]] = {}
    for check in stored.result.checks:
        if check.outcome is not Outcome.FAILED:
            continue
        named = [Said(key, mistake.variant, mistake.title) for mistake in check.diagnosis]
        for said in named or [Said(key, "", check.title)]:
            found.setdefault(said, []).append(check.name)
    return found
