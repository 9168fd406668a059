"""Draws what the doctor found: a line a check, and the remedy below it.

Lines are not broken to the width of a terminal, so that a remedy can be copied as it stands.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from rich.text import Text

from grader.doctor.finding import State, count
from grader.report.console import console
from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.doctor.finding import Finding

_MARKS = {
    State.OK: ("✓", "green"),
    State.WARNING: ("!", "yellow"),
    State.PROBLEM: ("✗", "red"),
    State.SKIPPED: ("·", "dim"),
}
_NAME_WIDTH = 17


def drawn(findings: Sequence[Finding]) -> str:
    """Return the report as a text, with colours if standard output is a terminal."""
    drawing = io.StringIO()
    page = console(drawing, like=sys.stdout)
    for line in _lines(findings):
        page.print(line, soft_wrap=True)
    return drawing.getvalue().rstrip("\n")


def _lines(findings: Sequence[Finding]) -> Iterator[Text]:
    for finding in findings:
        mark, style = _MARKS[finding.state]
        dimmed = "dim" if finding.state is State.SKIPPED else ""
        yield Text.assemble((f"{mark} ", style), f"{finding.name:<{_NAME_WIDTH}}", (finding.found, dimmed))
        if finding.remedy:
            yield Text.assemble(f"  {'':<{_NAME_WIDTH}}", ("→ ", style), (finding.remedy, "cyan"))
    yield Text.assemble("\n", (_summary(findings), "bold"))


def _summary(findings: Sequence[Finding]) -> str:
    states = [finding.state for finding in findings]
    counted = {state: [each for each in states if each is state] for state in (State.PROBLEM, State.WARNING)}
    said = [count(found, state) for state, found in counted.items() if found]
    return " and ".join(said) + "." if said else "No problems were found."


FORMAT = Format("terminal", drawn)
