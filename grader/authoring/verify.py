"""The exercise checker: proves that an exercise's checks can fail, are fair, and name the mistakes they find."""

from __future__ import annotations

import ast
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from grader.authoring.comparisons import comparisons
from grader.authoring.example_faults import faults_of_examples
from grader.authoring.findings import Distance, Report, Tolerance, called
from grader.authoring.fresh_seeds import fickle_checks
from grader.authoring.inspection import inspect, unfilled
from grader.authoring.mutation_testing import kill_mutants
from grader.authoring.question_faults import question_faults
from grader.authoring.scaffolding.proof import faults_of_marks, is_marked, unearned
from grader.course.names import closest
from grader.course.rubric import EXAMPLES
from grader.course.syntax import tree_of
from grader.results import Outcome
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.grading import Grader
    from grader.results import CheckResult

LEAST_MARGIN = 10.0
MOST_MUTANTS = 60  # of an exercise
MUTANT_SECONDS = 90.0  # of an exercise, after which no further mutant is begun


@dataclass(frozen=True)
class Depth:
    """How thoroughly to look: at how many fresh seeds, and how many mutants are tried.

    At fresh seeds the solution must pass, and at the first of them every accepted variant. `variants_at_each_seed` asks
    it of the accepted ones at all of them, and that every wrong one fails the check that is meant to catch it. With
    `scaffold`, what the guided stub shows and trivial fillings of its blanks must earn nothing.
    """

    seeds: int = 0
    variants_at_each_seed: bool = False
    most_mutants: int = 0
    mutant_seconds: float = MUTANT_SECONDS
    scaffold: bool = False


FAST = Depth()
FULL = Depth(seeds=3, most_mutants=MOST_MUTANTS, scaffold=True)


@dataclass(frozen=True)
class _Graded:
    """One solution's checks by name, and its largest distance in every comparison: (check, sentence)."""

    checks: Mapping[str, CheckResult]
    distances: Mapping[tuple[str, str], Distance]

    def names(self, outcome: Outcome) -> set[str]:
        return {name for name, check in self.checks.items() if check.outcome is outcome}


def verify(grader: Grader, exercise: Exercise, depth: Depth = FAST) -> Report:
    """Grade an exercise's stub, solution, wrong and accepted variants and mutants; report what is wrong with them.

    Of a lesson's questions, look at the answers instead (see `grader.authoring.question_faults`).
    """
    started = time.perf_counter()
    report = Report(exercise)
    if exercise.is_questions:
        report.findings += question_faults(exercise, grader.rubrics[exercise.lesson, exercise.name])
        return report
    if exercise.solution is None:
        report.findings.append(f"reference/{exercise.lesson}/{exercise.name}/solution.py is missing: write it.")
        return report
    report.findings += unfilled(exercise)
    if report.findings:  # what is not written yet fails in ways that do not help
        return report
    report.findings += inspect(exercise)
    report.findings += faults_of_marks(exercise, grader.course)
    report.findings += faults_of_examples(grader, exercise)
    _verify_variants(grader, exercise, report)
    if not report.findings:  # on an exercise that is wrong, mutants and other draws would only say so again
        report.findings += fickle_checks(grader, exercise, depth.seeds, everyone=depth.variants_at_each_seed)
        if depth.scaffold and is_marked(exercise):
            report.findings += unearned(grader, exercise)
        if depth.most_mutants:
            kill_mutants(grader, exercise, depth.most_mutants, depth.mutant_seconds, report)
    report.seconds = time.perf_counter() - started
    return report


def _verify_variants(grader: Grader, exercise: Exercise, report: Report) -> None:
    from grader.diagnosis.variants import describe_variant

    assert exercise.solution is not None

    def graded(path: Path, caught_by: str = "") -> _Graded:
        result = _grade(grader, exercise, path, caught_by)
        for name in sorted(result.names(Outcome.ERROR)):
            report.findings.append(f"{called(path)} broke {name}: {result.checks[name].message}")
        return result

    solution = _grade(grader, exercise, exercise.solution)
    if unfair := [*_broken(solution), *_unfair("The reference solution", solution)]:
        report.findings += unfair  # and what is compared with it would only say so again, and take long over a loop
        return
    for name in sorted(graded(exercise.stub).names(Outcome.PASSED)):
        report.findings.append(f"The stub passes {name}: make the check call the function and compare its result.")
    accepted = {path: graded(path) for path in exercise.accepted}
    wrong = {path: graded(path, describe_variant(path).caught_by) for path in exercise.wrong}
    for path, result in accepted.items():
        unfair = _unfair(called(path), result)
        report.findings += unfair
        report.accepted_passed += not unfair
    for path, result in wrong.items():
        _judge_wrong(report, path, result)
    caught = set().union(*(result.names(Outcome.FAILED) for result in wrong.values()))
    for check in exercise.checks:
        if check.name not in caught and solution.checks[check.name].outcome is not Outcome.SKIPPED:
            report.findings.append(f"{check.name} catches no wrong variant: add one that it alone can see, or drop it.")
    _measure(report, [solution, *accepted.values()], list(wrong.values()))


def _grade(grader: Grader, exercise: Exercise, path: Path, diagnosed: str = "") -> _Graded:
    """Grade a file, and look for the mistake behind one check, or none."""
    with comparisons() as measured:
        verdict = grader.grade(read_submission(path), [exercise], measured.note, diagnosed=(diagnosed,))
    distances = {key: [Distance(d.distance, d.tolerance) for d in found] for key, found in measured.found.items()}
    largest = {key: max(found, key=lambda distance: distance.share) for key, found in distances.items()}
    return _Graded({check.name: check for check in verdict.exercises[0].checks if check.name != EXAMPLES}, largest)


def _broken(solution: _Graded) -> list[str]:
    """Return why checks cannot even be run on the solution, once for all that say the same."""
    found: dict[str, list[str]] = {}
    for name in sorted(solution.names(Outcome.ERROR)):
        found.setdefault(solution.checks[name].message, []).append(name)
    return [f"The reference solution broke {', '.join(names)}: {message}" for message, names in found.items()]


def _unfair(called: str, result: _Graded) -> list[str]:
    return [
        f"{called} fails {name}: the check asks for more than the statement, or the solution is wrong. "
        f"{result.checks[name].message}"
        for name in sorted(result.names(Outcome.FAILED))
    ]


_SLIPS = ("NameError", "ImportError", "ModuleNotFoundError")


def _judge_wrong(report: Report, path: Path, result: _Graded) -> None:
    from grader.diagnosis.variants import describe_variant

    named = describe_variant(path).caught_by
    failed = result.names(Outcome.FAILED)
    if not ast.get_docstring(tree_of(path)):
        report.findings.append(f"{called(path)} has no docstring: students read it when they make this mistake.")
    if named not in result.checks:
        close = closest(named, result.checks) if named else None
        near = f" Did you mean {close}?" if close else ""
        report.findings.append(
            f'{called(path)}: CAUGHT_BY is {named or "missing"}: name a check, CAUGHT_BY = "test_...".{near}'
        )
        return
    if named not in failed:
        by = f" (it fails {', '.join(sorted(failed))})" if failed else ""
        report.findings.append(f"{called(path)} passes {named}, its CAUGHT_BY{by}: sharpen the check, or name another.")
        return
    message = result.checks[named].message
    if any(f" raised {error}:" in message for error in _SLIPS):
        report.findings.append(f"{called(path)} fails {named} by a slip of its author, not by its mistake. {message}")
        return
    report.wrong_caught += 1
    diagnosed = [diagnosis.variant for diagnosis in result.checks[named].diagnosis]
    if diagnosed == [path.stem]:
        report.wrong_diagnosed += 1
    else:
        names = ", ".join(diagnosed) or "nothing"
        report.findings.append(
            f"{called(path)} is diagnosed as {names}: make the variants' results differ, "
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


class Task(NamedTuple):
    """An exercise, as `LESSON/NAME`, and how thoroughly to look at it."""

    exercise: str
    depth: Depth


def verify_task(grader: Grader, task: Task) -> Report:
    """Verify one exercise, inside a job."""
    return verify(grader, grader.course.select([task.exercise])[0], task.depth)
