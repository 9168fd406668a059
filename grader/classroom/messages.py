"""Whether messages help: how often the attempt after a failure mends the check that failed, by what was said."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.classroom.records import Key, Stored, StudentRecord
    from grader.results import CheckResult

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


def effects(records: Iterable[StudentRecord]) -> list[Effect]:
    """Return the effect of everything that was said to a class, what helped least first.

    An attempt counts if it was graded and has work for the exercise, and the next one if its code is another. What was
    said twice in one attempt, as one mistake behind several checks, counts once, and is mended if all of these pass.
    """
    found: dict[Said, Effect] = {}
    for record in records:
        told: Counter[Said] = Counter()
        for attempt, following in _tries(record):
            for said, checks in _said(attempt).items():
                effect = found.setdefault(said, Effect(said))
                told[said] += 1
                if following is not None:
                    passed = {check.name for check in following.result.checks if check.outcome is Outcome.PASSED}
                    effect.tried_again += 1
                    effect.mended += {check.name for check in checks} <= passed
        for said in told:
            found[said].students += 1
    return sorted(found.values(), key=lambda effect: (effect.interval[1], -effect.tried_again, effect.said))


def _tries(record: StudentRecord) -> Iterator[tuple[Stored, Stored | None]]:
    """Yield each graded attempt at an exercise with the next attempt whose code differs; the last one with None."""
    for key in sorted({key for attempt in record.attempts for key in attempt.results}):
        tries = [
            stored
            for attempt in record.attempts
            if (stored := attempt.results.get(key)) is not None and stored.decided and stored.written
        ]
        different = [each for place, each in enumerate(tries) if not place or tries[place - 1].code != each.code]
        yield from zip(different, [*different[1:], None], strict=True)


def _said(stored: Stored) -> dict[Said, list[CheckResult]]:
    """Return what was said of an attempt, each with the checks of which it was."""
    key = (stored.result.lesson, stored.result.name)
    found: dict[Said, list[CheckResult]] = {}
    for check in stored.result.checks:
        if check.outcome is not Outcome.FAILED:
            continue
        named = [Said(key, mistake.variant, mistake.title) for mistake in check.diagnosis]
        for said in named or [Said(key, "", check.title)]:
            found.setdefault(said, []).append(check)
    return found
