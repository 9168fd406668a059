"""The exercise checker: proves that an exercise's checks can fail, are fair, and name the mistakes they find."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.results import Outcome
from grader.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grader.course import Exercise
    from grader.grading import Grader
    from grader.results import CheckResult

LEAST_MARGIN = 10.0


@dataclass(frozen=True)
class Distance:
    """The farthest that one solution was from right in one comparison, and the tolerance that held there."""

    distance: float
    tolerance: float

    @property
    def share(self) -> float:
        """The distance in units of the tolerance: up to 1 passes."""
        return self.distance / self.tolerance


@dataclass(frozen=True)
class Tolerance:
    """What lies on both sides of a check's tolerance, by the sentence it fails with.

    `accepted` is the largest distance of any correct solution. `wrong` is the smallest, over the wrong variants that
    fail here, of the largest distance at which each was seen; None if none fails here.
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
    """What was found out about one exercise; the exercise is right if `findings` is empty."""

    exercise: Exercise
    wrong_caught: int = 0
    wrong_diagnosed: int = 0
    accepted_passed: int = 0
    tolerances: list[Tolerance] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Graded:
    """One solution's checks by name, and its largest distance in every comparison: (check, sentence)."""

    checks: Mapping[str, CheckResult]
    distances: Mapping[tuple[str, str], Distance]

    def names(self, outcome: Outcome) -> set[str]:
        return {name for name, check in self.checks.items() if check.outcome is outcome}


def verify(grader: Grader, exercise: Exercise, finished: Callable[[Exercise, str], None]) -> Report:
    """Grade an exercise's stub, solution, wrong and accepted variants, and report what is not as it must be.

    `finished` is told of each of them when it has been graded.
    """
    report = Report(exercise)
    if exercise.solution is None:
        report.findings.append(f"reference/{exercise.lesson}/{exercise.name}/solution.py is missing: write it.")
        return report

    def graded(path: Path) -> _Graded:
        result = _grade(grader, exercise, path)
        for name in sorted(result.names(Outcome.ERROR)):
            report.findings.append(f"{_called(path)} broke {name}: {result.checks[name].message}")
        finished(exercise, path.stem)
        return result

    for name in sorted(graded(exercise.stub).names(Outcome.PASSED)):
        report.findings.append(f"The stub passes {name}: make the check call the function and compare its result.")
    solution = graded(exercise.solution)
    report.findings += _unfair("The reference solution", solution)
    accepted = {path: graded(path) for path in exercise.accepted}
    wrong = {path: graded(path) for path in exercise.wrong}
    for path, result in accepted.items():
        unfair = _unfair(_called(path), result)
        report.findings += unfair
        report.accepted_passed += not unfair
    for path, result in wrong.items():
        _judge_wrong(report, path, result)
    caught = set().union(*(result.names(Outcome.FAILED) for result in wrong.values()))
    for check in exercise.checks:
        if check.name not in caught and solution.checks[check.name].outcome is not Outcome.SKIPPED:
            report.findings.append(f"{check.name} catches no wrong variant: add one that it alone can see, or drop it.")
    _measure(report, [solution, *accepted.values()], list(wrong.values()))
    return report


def _grade(grader: Grader, exercise: Exercise, path: Path) -> _Graded:
    from grader.checks import observe_distances

    largest: dict[tuple[str, str], Distance] = {}
    with observe_distances() as seen:

        def note(_: object, check: str) -> None:
            for sentence, distance, tolerance in seen:
                found = Distance(distance, tolerance)
                largest[check, sentence] = max(found, largest.get((check, sentence), found), key=lambda d: d.share)
            seen.clear()

        verdict = grader.grade(read_submission(path), [exercise], note)
    return _Graded({check.name: check for check in verdict.exercises[0].checks}, largest)


def _unfair(called: str, result: _Graded) -> list[str]:
    return [
        f"{called} fails {name}: the check asks for more than the statement, or the solution is wrong. "
        f"{result.checks[name].message}"
        for name in sorted(result.names(Outcome.FAILED))
    ]


def _judge_wrong(report: Report, path: Path, result: _Graded) -> None:
    from grader.diagnosis import describe_variant

    named = describe_variant(path).caught_by
    failed = result.names(Outcome.FAILED)
    if named not in result.checks:
        report.findings.append(
            f'{_called(path)}: CAUGHT_BY is {named or "missing"}: name a check, CAUGHT_BY = "test_...".'
        )
        return
    if named not in failed:
        by = f" (it fails {', '.join(sorted(failed))})" if failed else ""
        report.findings.append(f"{_called(path)} passes {named}, its CAUGHT_BY{by}: sharpen the check.")
        return
    report.wrong_caught += 1
    diagnosed = [diagnosis.variant for diagnosis in result.checks[named].diagnosis]
    if diagnosed == [path.stem]:
        report.wrong_diagnosed += 1
    else:
        names = ", ".join(diagnosed) or "nothing"
        report.findings.append(f"{_called(path)} is diagnosed as {names}: make the variants' results differ.")


def _measure(report: Report, right: list[_Graded], wrong: list[_Graded]) -> None:
    for key in dict.fromkeys(key for result in right for key in result.distances):
        accepted = max((r.distances[key] for r in right if key in r.distances), key=lambda d: d.share)
        caught = [r.distances[key] for r in wrong if key in r.distances and r.distances[key].share > 1]
        tolerance = Tolerance(*key, accepted, min(caught, key=lambda d: d.share, default=None))
        report.tolerances.append(tolerance)
        if tolerance.wrong is not None and tolerance.margin is not None and tolerance.margin < LEAST_MARGIN:
            report.findings.append(
                f"{tolerance.check}: a wrong variant comes within {tolerance.wrong.distance:.2g} and a correct one "
                f"strays to {accepted.distance:.2g}, less than a factor {LEAST_MARGIN:g} apart: choose other inputs."
            )


def _called(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}" if path.parent.name in ("wrong", "accepted") else path.stem
