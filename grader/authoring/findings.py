"""What the exercise checker finds out about an exercise, and that as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.course.model import Exercise


@dataclass(frozen=True)
class Distance:
    """The largest distance of one solution in one comparison, and the tolerance of that comparison."""

    distance: float
    tolerance: float

    @property
    def share(self) -> float:
        """The distance in units of the tolerance: up to 1 passes."""
        return self.distance / self.tolerance


@dataclass(frozen=True)
class Tolerance:
    """The distances on both sides of a check's tolerance, for one sentence that it fails with.

    `accepted` is the largest distance of any correct solution. `wrong` is the smallest, over the wrong variants that
    fail here, of the largest distance at which each was seen; None if no wrong variant fails here.
    """

    check: str
    sentence: str
    accepted: Distance
    wrong: Distance | None

    @property
    def margin(self) -> float | None:
        """How many times farther the nearest wrong variant is than the farthest correct one, in tolerances."""
        if self.wrong is None:
            return None
        return self.wrong.share / self.accepted.share if self.accepted.share else math.inf


@dataclass
class Report:
    """What verifying found out about one exercise, which is right if `findings` is empty."""

    exercise: Exercise
    wrong_caught: int = 0
    wrong_diagnosed: int = 0
    accepted_passed: int = 0
    mutants: int = 0
    mutants_killed: int = 0
    mutants_equivalent: int = 0
    seconds: float = 0.0
    tolerances: list[Tolerance] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def called(path: Path) -> str:
    """Return what findings call a solution, `wrong/NAME`, `accepted/NAME` or the name of its file."""
    return f"{path.parent.name}/{path.stem}" if path.parent.name in ("wrong", "accepted") else path.stem


def to_json(reports: Sequence[Report]) -> str:
    """Return the reports as JSON."""
    return json.dumps([
        {
            "lesson": report.exercise.lesson,
            "exercise": report.exercise.name,
            "checks": len(report.exercise.checks),
            "wrong": len(report.exercise.wrong),
            "wrong_caught": report.wrong_caught,
            "wrong_diagnosed": report.wrong_diagnosed,
            "accepted": len(report.exercise.accepted),
            "accepted_passed": report.accepted_passed,
            "mutants": report.mutants,
            "mutants_killed": report.mutants_killed,
            "mutants_equivalent": report.mutants_equivalent,
            "seconds": round(report.seconds, 2),
            "tolerances": [
                {
                    "check": tolerance.check,
                    "sentence": tolerance.sentence,
                    "tolerance": tolerance.accepted.tolerance,
                    "largest_accepted": tolerance.accepted.distance,
                    "smallest_wrong": None if tolerance.wrong is None else tolerance.wrong.distance,
                }
                for tolerance in report.tolerances
            ],
            "findings": report.findings,
        }
        for report in reports
    ], indent=2)  # fmt: skip
