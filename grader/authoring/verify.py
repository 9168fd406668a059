"""The exercise checker: proves that an exercise's checks can fail, are fair, and name the mistakes they find."""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from grader.authoring.inspection import inspect, unfilled
from grader.authoring.mutants import EQUIVALENTS, mutants, recorded_equivalents
from grader.faults import text_of
from grader.jobs import all_results
from grader.results import Outcome
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grader.course.model import Exercise
    from grader.grading import Grader
    from grader.jobs import Settings
    from grader.results import CheckResult

LEAST_MARGIN = 10.0
MOST_MUTANTS = 60  # of an exercise
MUTANT_SECONDS = 90.0  # of an exercise, after which no further mutant is begun


@dataclass(frozen=True)
class Depth:
    """How thoroughly to look: on how many fresh seeds the right solutions must pass too, and at how many mutants."""

    repeat: int = 0
    most_mutants: int = 0
    mutant_seconds: float = MUTANT_SECONDS


FAST = Depth()
FULL = Depth(repeat=3, most_mutants=MOST_MUTANTS)


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
    mutants: int = 0
    mutants_killed: int = 0
    mutants_equivalent: int = 0
    seconds: float = 0.0
    tolerances: list[Tolerance] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Graded:
    """One solution's checks by name, and its largest distance in every comparison: (check, sentence)."""

    checks: Mapping[str, CheckResult]
    distances: Mapping[tuple[str, str], Distance]

    def names(self, outcome: Outcome) -> set[str]:
        return {name for name, check in self.checks.items() if check.outcome is outcome}


def verify(grader: Grader, exercise: Exercise, depth: Depth = FAST) -> Report:
    """Grade an exercise's stub, solution, wrong and accepted variants and mutants; report what is not as it must be."""
    started = time.perf_counter()
    report = Report(exercise)
    if exercise.solution is None:
        report.findings.append(f"reference/{exercise.lesson}/{exercise.name}/solution.py is missing: write it.")
        return report
    report.findings += unfilled(exercise)
    if report.findings:  # what is not written yet fails in ways that say nothing
        return report
    report.findings += inspect(exercise)
    _verify_variants(grader, exercise, report)
    if not report.findings:  # on an exercise that is wrong, mutants and other draws would only say so again
        _repeat(grader, exercise, depth.repeat, report)
        _kill_mutants(grader, exercise, depth, report)
    report.seconds = time.perf_counter() - started
    return report


def _verify_variants(grader: Grader, exercise: Exercise, report: Report) -> None:
    from grader.diagnosis import describe_variant

    assert exercise.solution is not None

    def graded(path: Path, caught_by: str = "") -> _Graded:
        result = _grade(grader, exercise, path, caught_by)
        for name in sorted(result.names(Outcome.ERROR)):
            report.findings.append(f"{_called(path)} broke {name}: {result.checks[name].message}")
        return result

    for name in sorted(graded(exercise.stub).names(Outcome.PASSED)):
        report.findings.append(f"The stub passes {name}: make the check call the function and compare its result.")
    solution = graded(exercise.solution)
    report.findings += _unfair("The reference solution", solution)
    accepted = {path: graded(path) for path in exercise.accepted}
    wrong = {path: graded(path, describe_variant(path).caught_by) for path in exercise.wrong}
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


def _repeat(grader: Grader, exercise: Exercise, repeat: int, report: Report) -> None:
    """Grade the solution on other draws: a check that changes its mind about it is not to be trusted."""
    for seed in range(1, repeat + 1):
        result = _grade(grader.with_seed(seed), exercise, cast("Path", exercise.solution))
        for name in sorted(result.names(Outcome.FAILED) | result.names(Outcome.ERROR)):
            report.findings.append(
                f"{name} changes its mind: the reference solution fails it with --seed {seed}. "
                f"{result.checks[name].message}"
            )


def _kill_mutants(grader: Grader, exercise: Exercise, depth: Depth, report: Report) -> None:
    if not depth.most_mutants or exercise.solution is None:
        return
    text = text_of(exercise.solution)
    every = mutants(text, sys.maxsize, exercise.name)
    try:
        equivalent = recorded_equivalents(exercise.solution.parent)
    except ValueError as error:
        report.findings.append(str(error))
        return
    for name in equivalent.keys() - {mutant.name for mutant in every}:
        report.findings.append(f"{EQUIVALENTS} records `{name}`, which the solution has no more: remove the entry.")
    until = time.monotonic() + depth.mutant_seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.py"
        for mutant in every[: depth.most_mutants]:
            if time.monotonic() > until:
                break
            path.write_text(mutant.text, encoding="utf-8")
            report.mutants += 1
            if grader.first_failure(read_submission(path), exercise) is not None:
                report.mutants_killed += 1
                if mutant.name in equivalent:
                    report.findings.append(f"{EQUIVALENTS} records `{mutant.name}`, which is caught: remove the entry.")
            elif mutant.name in equivalent:
                report.mutants_equivalent += 1
            else:
                report.findings.append(
                    f"a mutant passes every check: add a check that fails it, or record `{mutant.name}` in "
                    f"{EQUIVALENTS} with the reason why it changes nothing.\n{mutant.difference}"
                )


def _grade(grader: Grader, exercise: Exercise, path: Path, diagnosed: str = "") -> _Graded:
    """Grade a file, and look for the mistake behind one check, or none."""
    from grader.checks import observe_distances

    largest: dict[tuple[str, str], Distance] = {}
    with observe_distances() as seen:

        def note(_: object, check: str) -> None:
            for sentence, distance, tolerance in seen:
                found = Distance(distance, tolerance)
                largest[check, sentence] = max(found, largest.get((check, sentence), found), key=lambda d: d.share)
            seen.clear()

        verdict = grader.grade(read_submission(path), [exercise], note, diagnosed=(diagnosed,))
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
        report.findings.append(
            f"{_called(path)} is diagnosed as {names}: make the variants' results differ, "
            "or keep one of them if they are one mistake."
        )


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


class Task(NamedTuple):
    """An exercise, as `LESSON/NAME`, and how thoroughly to look at it."""

    exercise: str
    depth: Depth


def verify_task(grader: Grader, task: Task) -> Report:
    """Verify one exercise, inside a job."""
    return verify(grader, grader.course.select([task.exercise])[0], task.depth)


def verify_all(
    exercises: Sequence[Exercise], settings: Settings, depth: Depth, jobs: int, finished: Callable[[str], None]
) -> list[Report]:
    """Verify exercises in so many processes side by side; `finished` is told of each by name."""
    # What takes longest is begun first, so that no process is left with it at the end.
    order = sorted(exercises, key=lambda exercise: not exercise.on_model)
    tasks = [Task(f"{exercise.lesson}/{exercise.name}", depth) for exercise in order]
    found = all_results(settings, verify_task, tasks, jobs, lambda _, report: finished(report.exercise.name))
    reports = dict(zip(order, found, strict=True))
    return [reports[exercise] for exercise in exercises]


def to_json(reports: Sequence[Report]) -> str:
    """Return what was found out as JSON."""
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
