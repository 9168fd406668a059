"""Draws a verdict on a terminal, with Rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.report.by_hand import answers_found, marked_by_hand, worth
from grader.report.failures import (
    diagnosis_introduction,
    evidence,
    failures_to_show,
    listed_checks,
    only_reason,
    points,
)
from grader.report.registry import Format
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from grader.results import CheckResult, Diagnosis, ExerciseResult, Verdict

MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.SKIPPED: ("·", "yellow"),
    Outcome.ERROR: ("!", "magenta"),
}
_LABEL_WIDTH = 10


def verdict(verdict: Verdict) -> RenderableType:
    """Return the whole verdict: every exercise with its checks, then the total."""
    exercises = [_exercise(exercise) for exercise in verdict.exercises]
    return Group(*exercises, _total(verdict))


def everything(verdict: Verdict) -> RenderableType:
    """Return the whole verdict: every exercise with all its checks, and everything that went wrong in full."""
    shown = [msgspec.structs.replace(each, checks=(check,)) for each in verdict.exercises for check in each.checks]
    failed = [each for each in shown if each.checks[0].outcome in (Outcome.FAILED, Outcome.ERROR)]
    return Group(*map(_exercise, verdict.exercises), *(shown_check(each.checks[0]) for each in failed))


def shown_check(check: CheckResult) -> RenderableType:
    """Return what there is to say of one check."""
    return Group(_check_line(check), Padding(Group(*_failures([check])), (0, 0, 0, 2)))


def _exercise(exercise: ExerciseResult) -> RenderableType:
    mark, style = MARKS[exercise.outcome]
    head = Text.assemble(
        (f"{mark} ", style), (exercise.name, "bold"), (f"  {exercise.lesson}", "dim"),
        f"  {points(exercise.points)} of {points(exercise.max_points)} points",
    )  # fmt: skip
    if only := only_reason(exercise):
        said = [Text(only.message), *_evidence(only)]
        said.append(Text(f"None of its {len(exercise.checks)} checks could pass.", "dim"))
        return Group(head, Padding(Group(*said, *_by_hand(exercise)), (0, 0, 1, 4)))
    lines = [*map(_check_line, listed_checks(exercise.checks)), *_by_hand(exercise), *_failures(exercise.checks)]
    return Group(head, Padding(Group(*lines), (0, 0, 1, 2)))


def _check_line(check: CheckResult) -> RenderableType:
    mark, style = MARKS[check.outcome]
    line = Table.grid(padding=(0, 1))
    line.add_row(
        Text(mark, style), Text.assemble(check.title, ("  (hidden)" if check.visibility == "hidden" else "", "dim"))
    )
    return line


def _by_hand(exercise: ExerciseResult) -> Iterator[RenderableType]:
    """Yield the criteria that a person marks, and what was found in answer to them."""
    criteria = marked_by_hand(exercise)
    mark, style = MARKS[Outcome.SKIPPED]
    for criterion in criteria:
        line = Table.grid(padding=(0, 1))
        line.add_row(Text(mark, style), Text.assemble(criterion.title, (f"  ({worth(criterion)})", "dim")))
        yield line
    if criteria:
        yield from (Padding(Text(sentence), (0, 0, 0, 2)) for sentence in answers_found(exercise))


def _failures(checks: Sequence[CheckResult]) -> Iterator[RenderableType]:
    shown, rest = failures_to_show(checks)
    for best, others, _ in shown:
        yield Text()
        yield Text(best.title, "bold red" if best.outcome is Outcome.FAILED else "bold magenta")
        body = [Text(best.message), *_evidence(best), *_diagnoses(best.diagnosis)]
        if others:
            body += [Text(), Text(others, "cyan")]
        yield Padding(Group(*body), (0, 0, 0, 2))
    if rest:
        yield Text()
        yield Text(rest, "dim")


def _evidence(check: CheckResult) -> list[RenderableType]:
    if check.counterexample is None:
        return []
    table = Table.grid(padding=(0, 2))
    table.add_column(width=_LABEL_WIDTH, style="dim")
    table.add_column(overflow="fold")
    for label, text in evidence(check.counterexample):
        table.add_row(label, Text(text))
    return [table]


def _diagnoses(diagnoses: Sequence[Diagnosis]) -> list[RenderableType]:
    if not diagnoses:
        return []
    lines: list[RenderableType] = [Text(), Text(diagnosis_introduction(diagnoses), "cyan")]
    for diagnosis in diagnoses:
        lines.append(Padding(Text(diagnosis.title, "bold"), (0, 0, 0, 2)))
        lines.append(Padding(Text(" ".join(diagnosis.explanation.split())), (0, 0, 0, 2)))
    return lines


def _total(verdict: Verdict) -> RenderableType:
    counts = _counts(check.outcome for exercise in verdict.exercises for check in exercise.checks)
    parts = [
        f"{points(verdict.points)} of {points(verdict.max_points)} points",
        counts,
        f"isolation {verdict.isolation}",
    ]
    if verdict.model:
        parts.append(f"model {verdict.model}")
    if verdict.seed is not None:
        parts.append(f"seed {verdict.seed}")
    lines: list[RenderableType] = [Text.assemble((parts[0], "bold"), "; ", "; ".join(parts[1:]))]
    pending = [c for exercise in verdict.exercises for c in exercise.criteria if c.outcome is Outcome.SKIPPED]
    if pending:
        worth = points(sum(criterion.max_points for criterion in pending))
        why = "hidden checks, checks on another model, or a person's judgement"
        lines.append(Text(f"{worth} more points are not decided here: {why}.", "yellow"))
    if verdict.isolation == "off":
        lines.append(
            Text(
                "The submission ran without confinement: trust this verdict only as far as you trust its author.",
                "yellow",
            )
        )
    return Group(*lines)


def _counts(outcomes: Iterable[Outcome]) -> str:
    found = list(outcomes)
    words = {
        Outcome.PASSED: "passed",
        Outcome.FAILED: "failed",
        Outcome.SKIPPED: "pending",
        Outcome.ERROR: "not decided because the grader broke",
    }
    counted = ", ".join(f"{found.count(outcome)} {word}" for outcome, word in words.items() if outcome in found)
    return f"checks: {counted}"


FORMAT = Format("terminal", verdict)
