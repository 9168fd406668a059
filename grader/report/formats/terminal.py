"""Draws a verdict on a terminal, with Rich: the first failure in full, the rest a line each, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.report.by_hand import answers_found, marked_by_hand, worth
from grader.report.failures import (
    diagnosis_introduction,
    evidence,
    failures,
    listed_checks,
    only_reason,
    points,
    unwritten,
)
from grader.report.one_screen import OneScreen
from grader.report.registry import Format
from grader.report.terminal_pictures import TerminalPictures
from grader.report.totals import total_in_words
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from grader.report.failures import Failure
    from grader.results import CheckResult, CriterionResult, Diagnosis, ExerciseResult, Verdict

MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.SKIPPED: ("·", "yellow"),
    Outcome.ERROR: ("!", "magenta"),
}
_LABEL_WIDTH = 10


def verdict(verdict: Verdict) -> RenderableType:
    """Return what a student needs next: the first failure in full, and of all else a line each.

    Of several exercises it is a table, and the first failure of the first one that was begun and is not right.
    """
    if len(verdict.exercises) == 1:
        return Group(_one(verdict.exercises[0]), *_total(verdict))
    begun = [each for each in verdict.exercises if each.outcome in (Outcome.FAILED, Outcome.ERROR)]
    first = next((each for each in begun if not unwritten(each)), None)
    if first is None:
        return Group(_table(verdict.exercises), *_total(verdict))
    return Group(_one(first, [_table(verdict.exercises), Text()]), *_total(verdict))


def everything(verdict: Verdict) -> RenderableType:
    """Return the whole verdict: every exercise with all its checks, and everything that went wrong in full."""
    return Group(*map(_all_of, verdict.exercises), *_total(verdict))


def shown_check(check: CheckResult, *, compact: bool = False) -> RenderableType:
    """Return what there is to say of one check, `compact` in fewer lines."""
    return Group(_marked(check.outcome, _title(check)), Padding(Group(*_details(check, compact)), (0, 0, 0, 2)))


# --- one exercise ---


def _one(exercise: ExerciseResult, above: Sequence[RenderableType] = ()) -> RenderableType:
    """Return an exercise, with what stands above it on the same screen."""
    if unwritten(exercise):
        by_hand = [Padding(part, (0, 0, 0, 2)) for part in _by_hand(exercise)]
        return Group(*above, Text.assemble(_head(exercise), ("  not written yet", "dim")), *by_hand)
    if only := only_reason(exercise):
        said = [Text(only.message), *_evidence(only), *_diagnoses(only.diagnosis)]
        said.append(Text(f"None of its {len(exercise.checks)} checks could pass.", "dim"))
        return Group(*above, _head(exercise), Padding(Group(*said, *_by_hand(exercise)), (0, 0, 0, 2)))
    found = failures(exercise.checks)

    def needed(compact: bool) -> list[RenderableType]:
        parts = [_failure(failure, compact=compact) for failure in found[:1]]
        return [*above, _head(exercise), *(Padding(part, (0, 0, 0, 2)) for part in (*parts, *_by_hand(exercise)))]

    others = [check for check in listed_checks(exercise.checks) if check not in [each.check for each in found[:1]]]
    lines = [_numbered(exercise, check) for check in others if check.outcome in (Outcome.FAILED, Outcome.ERROR)]
    see = f"`grade show {exercise.name} NUMBER` shows one of these in full, `grade show {exercise.name} --all` all."
    optional = []
    if lines:
        optional.append(("also failed", [*lines, Text(see, "dim")]))
    optional.append(("points", [_criterion(each) for each in exercise.criteria if not each.manual]))
    if not lines:
        optional.append(("passed", [_numbered(exercise, c) for c in others if c.outcome is Outcome.PASSED]))
    return OneScreen(needed, optional, f"grade show {exercise.name} --all")


def _head(exercise: ExerciseResult) -> Text:
    mark, style = MARKS[Outcome.SKIPPED if unwritten(exercise) else exercise.outcome]
    return Text.assemble(
        (f"{mark} ", style), (exercise.name, "bold"),
        f"  {points(exercise.points)} of {points(exercise.max_points)} points", (f"  {exercise.lesson}", "dim"),
    )  # fmt: skip


def _failure(failure: Failure, *, compact: bool) -> RenderableType:
    """Return a failure in full."""
    others = [Padding(Text(failure.others, "cyan"), (0, 0, 0, 2))] if failure.others else []
    return Group(shown_check(failure.check, compact=compact), *others)


def _details(check: CheckResult, compact: bool) -> Iterator[RenderableType]:
    if check.message and check.message != check.title:
        yield Text(check.message)
    yield from _evidence(check, compact)
    yield from _diagnoses(check.diagnosis)


def _numbered(exercise: ExerciseResult, check: CheckResult, *, one_line: bool = True) -> RenderableType:
    """Return a check's title with the number by which it is asked for."""
    number = exercise.checks.index(check) + 1
    hidden = ("  (hidden)", "dim") if check.visibility == "hidden" else ""
    return _marked(check.outcome, Text.assemble((f"{number:2} ", "dim"), check.title, hidden), one_line=one_line)


def _criterion(criterion: CriterionResult) -> RenderableType:
    hidden = ("  (hidden)", "dim") if criterion.visibility == "hidden" else ""
    given = f"{points(criterion.points)} of {points(criterion.max_points)}"
    if criterion.outcome is Outcome.SKIPPED:
        given = f"{points(criterion.max_points)} later"
    return _marked(criterion.outcome, Text.assemble(f"{given:8}  ", criterion.title, hidden), one_line=True)


def _marked(outcome: Outcome, text: Text, *, one_line: bool = False) -> RenderableType:
    mark, style = MARKS[outcome]
    if one_line:
        return Text.assemble((mark, style), " ", text, no_wrap=True, overflow="ellipsis")
    line = Table.grid(padding=(0, 1))
    line.add_row(Text(mark, style), text)
    return line


def _title(check: CheckResult) -> Text:
    style = {Outcome.FAILED: "bold red", Outcome.ERROR: "bold magenta"}.get(check.outcome, "")
    return Text.assemble((check.title, style), ("  (hidden)" if check.visibility == "hidden" else "", "dim"))


def _all_of(exercise: ExerciseResult) -> RenderableType:
    if only_reason(exercise):
        return Padding(_one(exercise), (0, 0, 1, 0))
    lines = [_numbered(exercise, check, one_line=False) for check in listed_checks(exercise.checks)]
    lines += _by_hand(exercise)
    for check in exercise.checks:
        if check.outcome in (Outcome.FAILED, Outcome.ERROR):
            lines += [Text(), shown_check(check)]
    return Group(_head(exercise), Padding(Group(*lines), (0, 0, 1, 2)))


# --- several exercises ---


def _table(exercises: Sequence[ExerciseResult]) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    widest = max(len(exercise.name) for exercise in exercises)
    table.add_column("", width=1)
    table.add_column("exercise", width=widest)
    table.add_column("points", justify="right", width=8)
    table.add_column("checks", justify="right", width=8)
    table.add_column("", no_wrap=True, overflow="ellipsis", ratio=1)
    waiting: dict[str, list[str]] = {}
    for exercise in exercises:
        if unwritten(exercise):
            waiting.setdefault(exercise.lesson, []).append(exercise.name)
            continue
        mark, style = MARKS[exercise.outcome]
        passed = sum(check.outcome is Outcome.PASSED for check in exercise.checks)
        table.add_row(
            Text(mark, style), exercise.name, f"{points(exercise.points)} of {points(exercise.max_points)}",
            f"{passed} of {len(exercise.checks)}", Text(_in_short(exercise), "dim"),
        )  # fmt: skip
    rows: list[RenderableType] = [table] if table.row_count else []
    mark, style = MARKS[Outcome.SKIPPED]
    for lesson, names in waiting.items():
        rows.append(_marked(Outcome.SKIPPED, Text.assemble((f"{lesson}, not written yet: ", "dim"), ", ".join(names))))
    return Group(*rows)


def _in_short(exercise: ExerciseResult) -> str:
    """Return what went wrong first in a few words, "" if nothing did."""
    found = failures(exercise.checks)
    if not found:
        return ""
    first = found[0].check
    return first.message.partition("\n")[0] if first.crashed or only_reason(exercise) else first.title


# --- parts ---


def _by_hand(exercise: ExerciseResult) -> Iterator[RenderableType]:
    """Yield the criteria that a person marks, and what was found in answer to them."""
    criteria = marked_by_hand(exercise)
    for criterion in criteria:
        yield _marked(Outcome.SKIPPED, Text.assemble(criterion.title, (f"  ({worth(criterion)})", "dim")))
    if criteria:
        yield from (Padding(Text(sentence), (0, 0, 0, 2)) for sentence in answers_found(exercise))


def _evidence(check: CheckResult, compact: bool = False) -> list[RenderableType]:
    if check.counterexample is None:
        return []
    table = Table.grid(padding=(0, 2))
    table.add_column(width=_LABEL_WIDTH, style="dim")
    table.add_column(overflow="fold")
    before = ""
    for label, text in evidence(check.counterexample, compact=compact):
        table.add_row("" if label == before else label, Text(text))
        before = label
    return [table, TerminalPictures(check.counterexample.pictures)]


def _diagnoses(diagnoses: Sequence[Diagnosis]) -> list[RenderableType]:
    if not diagnoses:
        return []
    lines: list[RenderableType] = [Text(diagnosis_introduction(diagnoses), "cyan")]
    for diagnosis in diagnoses:
        lines.append(Padding(Text(diagnosis.title, "bold"), (0, 0, 0, 2)))
        lines.append(Padding(Text(" ".join(diagnosis.explanation.split())), (0, 0, 0, 2)))
    return lines


def _total(verdict: Verdict) -> list[RenderableType]:
    first, *others = total_in_words(verdict)
    given, _, rest = first.partition(";")
    return [Text.assemble((given, "bold"), f";{rest}"), *(Text(each, "yellow") for each in others)]


FORMAT = Format("terminal", verdict)
