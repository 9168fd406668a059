"""Attacks an exercise with cheats, and says which of them earn what they must not."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.authoring.allowed_cheats import ALLOWED, allowed_cheats
from grader.authoring.cheat_tools import fingerprint, has_items, has_sides
from grader.authoring.cheats import Cheat, batch_of_one, lookup, make_cheats, solution_alone, square_only
from grader.authoring.comparisons import comparisons
from grader.results import Outcome
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.checks import Distance
    from grader.course.model import Exercise
    from grader.grading import Grader
    from grader.results import ExerciseResult
    from grader.sandbox.outside.transcript import CallRecord

OTHER_SEED = 1_000_003  # whose draws the lookup meets: not one that somebody gives as --seed


class Score(NamedTuple):
    """What a cheat earned, as a share of the points that can be had, and the checks that it passed."""

    cheat: Cheat
    share: float
    passed: tuple[str, ...]


@dataclass
class Attack:
    """What cheats earned in one exercise, which withstands them if `findings` is empty."""

    exercise: Exercise
    scores: list[Score] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class _Finding:
    """Something wrong, under the name by which `cheats.toml` can allow it; with none it cannot be allowed."""

    name: str
    sentence: str


def attack(grader: Grader, exercise: Exercise) -> Attack:
    """Grade an exercise's cheats, and report those that pass without a reason on record."""
    started = time.perf_counter()
    report = Attack(exercise)
    if exercise.solution is None or exercise.reference is None:
        report.findings.append(f"reference/{exercise.key}/solution.py is missing: write it.")
        return report
    found = list(_find(grader, exercise, report))
    try:
        allowed = allowed_cheats(exercise.reference)
    except ValueError as error:
        report.findings.append(str(error))
        allowed = {}
    names = {finding.name for finding in found}
    report.findings += [finding.sentence for finding in found if finding.name not in allowed]
    report.findings += [
        f"{ALLOWED} allows `{name}`, which is caught or is not a cheat of this exercise: remove the entry."
        for name in allowed
        if name not in names
    ]
    report.seconds = time.perf_counter() - started
    return report


def _find(grader: Grader, exercise: Exercise, report: Attack) -> Iterator[_Finding]:
    """Grade all cheats, note what they earn, and yield what is wrong."""
    with tempfile.TemporaryDirectory(prefix="grade-") as folder:
        path = Path(folder) / f"{exercise.name}.py"

        def graded(source: str, by: Grader = grader, **listeners: Any) -> ExerciseResult:
            path.write_text(source, encoding="utf-8")
            return by.grade_quickly(read_submission(path), exercise, **listeners)

        asked = _Asked(exercise)
        with comparisons() as measured:

            def finished(_: Exercise, check: str) -> None:
                measured.note(exercise, check)
                asked.note(check)

            result = graded(solution_alone(exercise), finished=finished, heard=asked.hear)
        if failed := [check for check in result.checks if check.outcome in (Outcome.FAILED, Outcome.ERROR)]:
            where = f"The solution fails {failed[0].name} where cheats are made of it, so they prove nothing"
            yield _Finding("", f"{where}: {failed[0].message}")
            return
        yield from _too_small(measured.found)
        for cheat in (*make_cheats(exercise), *asked.special_cases()):
            yield from _judged(exercise, cheat, graded(cheat.source), report)
        for cheat in asked.lookups():
            yield from _judged(exercise, cheat, graded(cheat.source, grader.with_seed(OTHER_SEED)), report)


def _judged(exercise: Exercise, cheat: Cheat, result: ExerciseResult, report: Attack) -> Iterator[_Finding]:
    """Note what a cheat earned, and yield what is wrong with that."""
    attainable = sum(criterion.max_points for criterion in result.criteria if criterion.outcome is not Outcome.SKIPPED)
    decided = [check for check in result.checks if check.outcome is not Outcome.SKIPPED]
    passed = {check.name for check in decided if check.outcome is Outcome.PASSED}
    report.scores.append(Score(cheat, result.points / attainable if attainable else 0.0, tuple(sorted(passed))))
    for check in decided:
        if check.outcome is Outcome.ERROR:
            yield _Finding("", f"`{cheat.name}` breaks {check.name}, which must fail it: {check.message}")
    public = {check.name for check in decided if check.visibility == "public"}
    if len(passed) == len(decided):
        yield _Finding(cheat.name, f"`{cheat.name}` passes every check: {_remedy(cheat)}, {_or_record(exercise)}.")
    elif cheat.kind == "ignore" and public <= passed:
        sentence = f"`{cheat.name}` passes every public check: {_remedy(cheat)}, {_or_record(exercise)}."
        yield _Finding(cheat.name, sentence)


def _remedy(cheat: Cheat) -> str:
    match cheat.kind:
        case "ignore":
            return f"add a check whose result depends on the values of {cheat.argument}"
        case "lookup":
            return "let checks draw their inputs"
        case "helper":
            return f"compare properties or single steps, or move {cheat.argument} to the hidden checks"
        case "square only":
            return "add inputs that are not as high as wide"
        case "batch of one":
            return "add a batch whose items differ"
        case _:
            return "add a check that fails it"


def _or_record(exercise: Exercise) -> str:
    return f"or say in reference/{exercise.key}/{ALLOWED} why the statement allows it"


# --- expected values that are too small to be compared ---


def _too_small(found: Mapping[tuple[str, str], Sequence[Distance]]) -> Iterator[_Finding]:
    """Yield the comparisons of a right result that zeros would pass, though no input expects zero everywhere."""
    for (check, sentence), distances in found.items():
        # To the bit, zeros pass nowhere but where zero is expected.
        within = [distance for distance in distances if distance.tolerance]
        largest = max(within, key=lambda distance: distance.expected / distance.tolerance, default=None)
        if largest is not None and 0 < largest.expected <= largest.tolerance:
            yield _Finding(
                f"small values in {check}",
                f"{check} expects at most {largest.expected:.2g} with a tolerance of {largest.tolerance:.2g}, so zeros "
                f'pass "{sentence}": compare with a smaller tolerance, or choose inputs with larger results.',
            )


# --- what checks ask ---


class _Asked:
    """What an exercise's checks ask by default, as far as cheats are made of it."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._public = {check.name for check in exercise.checks if check.visibility == "public"}
        self._now: list[tuple[str, str]] = []  # the calls of the check that runs: function and fingerprint
        self._known: dict[str, set[str]] = {function.name: set() for function in exercise.functions}
        self._with_sides: set[str] = set()
        self._with_items: set[str] = set()

    def hear(self, record: CallRecord) -> None:
        """Take note of a call."""
        call = record.question.call
        if call.reader:
            return
        given = record.question.arguments()
        self._now.append((call.function, fingerprint(list(given))))
        if has_sides(record.result) or has_sides(list(given), 4):
            self._with_sides.add(call.function)
        if has_items(record.result):
            self._with_items.add(call.function)

    def note(self, check: str) -> None:
        """Take the calls heard since the last check as those of this one."""
        for function, print_ in self._now if check in self._public else ():
            self._known[function].add(print_)
        self._now.clear()

    def special_cases(self) -> Iterator[Cheat]:
        """Yield the cheats that are right for batches of one, or for square pictures only, where there are any."""
        for function in self._exercise.functions:
            if function.name in self._with_items:
                yield batch_of_one(self._exercise, function)
            if function.name in self._with_sides and function.returns != "None":
                yield square_only(self._exercise, function)

    def lookups(self) -> Iterator[Cheat]:
        """Yield the cheats that know the answers to what the public checks ask."""
        for function in self._exercise.functions:
            cheat = lookup(self._exercise, function, self._known[function.name])
            if cheat is not None:
                yield cheat


# --- many exercises ---


class Task(NamedTuple):
    """An exercise, as `LESSON/NAME`."""

    exercise: str


def attack_task(grader: Grader, task: Task) -> Attack:
    """Attack one exercise, inside a job."""
    return attack(grader, grader.course.select([task.exercise])[0])
