"""Draws what the exercise checker found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from grader.authoring.findings import Report, Tolerance


def table(reports: Sequence[Report]) -> RenderableType:
    """Return the table of exercises, the table of tolerances, and every finding as a sentence."""
    parts: list[RenderableType] = [_exercises(reports), Text(), _tolerances(reports), Text()]
    findings = [(report.exercise.name, finding) for report in reports for finding in report.findings]
    for name, finding in findings:
        parts.append(Text.assemble((f"✗ {name}: ", "red"), finding))
    if not findings:
        parts.append(Text("✓ Every check can fail, none is unfair, every mistake is named.", "green"))
    return Group(*parts)


def _exercises(reports: Sequence[Report]) -> Table:
    drawn = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    drawn.add_column("exercise", no_wrap=True)
    for heading in (
        "checks",
        "wrong",
        "caught",
        "named",
        "accepted",
        "passed",
        "mutants",
        "killed",
        "same",
        "findings",
    ):
        drawn.add_column(heading, justify="right", overflow="fold")
    rows = [(report.exercise.name, _counts(report)) for report in reports]
    for name, counts in rows:
        drawn.add_row(name, *map(str, counts))
    if len(rows) > 1:
        drawn.add_row("all", *(str(sum(column)) for column in zip(*(counts for _, counts in rows), strict=True)))
    return drawn


def _counts(report: Report) -> tuple[int, ...]:
    exercise = report.exercise
    return (
        len(exercise.checks),
        len(exercise.wrong),
        report.wrong_caught,
        report.wrong_diagnosed,
        len(exercise.accepted),
        report.accepted_passed,
        report.mutants,
        report.mutants_killed,
        report.mutants_equivalent,
        len(report.findings),
    )


def _tolerances(reports: Sequence[Report]) -> Table:
    """Return one row a check: where it has several comparisons, the one with the smallest margin."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    drawn.add_column("check", overflow="fold")
    for heading in ("tolerance", "largest accepted", "smallest wrong", "margin"):
        drawn.add_column(heading, justify="right", no_wrap=True)
    for report in reports:
        tightest: dict[str, Tolerance] = {}
        for tolerance in report.tolerances:
            known = tightest.setdefault(tolerance.check, tolerance)
            if (tolerance.margin or math.inf) < (known.margin or math.inf) or known.wrong is None:
                tightest[tolerance.check] = tolerance
        for tolerance in tightest.values():
            drawn.add_row(*_row(tolerance))
    return drawn


def _row(tolerance: Tolerance) -> tuple[str, ...]:
    wrong, accepted, margin = tolerance.wrong, tolerance.accepted, tolerance.margin
    return (
        tolerance.check,
        f"{accepted.tolerance:.0e}",
        f"{accepted.distance:.1e}",
        "none fails here" if wrong is None else f"{wrong.distance:.1e}",
        "" if margin is None else "exact" if margin == math.inf else f"{margin:.0e}",
    )


FORMAT = Format("terminal", table)
