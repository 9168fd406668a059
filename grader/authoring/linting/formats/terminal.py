"""Writes what is found in notebooks, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from grader.authoring.linting.findings import Finding


def lines(findings: Sequence[Finding]) -> RenderableType:
    """Return each finding as a line, what is certain in red, and a last line that counts them."""
    drawn = [
        Text.assemble((f"{'✗' if found.rule.exact else '?'} ", "red" if found.rule.exact else "yellow"), str(found))
        for found in findings
    ]
    exact = sum(found.rule.exact for found in findings)
    if not findings:
        return Text("✓ Nothing is against any rule.", "green")
    others = len(findings) - exact
    said = [f"{exact} against a rule"] * bool(exact) + [f"{others} to be looked at"] * bool(others)
    return Group(*drawn, Text(f"{', '.join(said).capitalize()}."))


FORMAT = Format("terminal", lines)
