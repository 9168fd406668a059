"""Draws what cheats earned: exercise by kind of cheat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from grader.authoring.cheats import KINDS
from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from grader.authoring.attacking import Attack

_HEADINGS = {"half precision": "half", "batch of one": "batch", "square only": "square", "integers": "whole"}


def table(attacks: Sequence[Attack]) -> RenderableType:
    """Return the share of the points that the best cheat of each kind earns, and every finding as a sentence."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    drawn.add_column("points in %", overflow="fold")
    for kind in KINDS:
        drawn.add_column(_HEADINGS.get(kind, kind), justify="right", no_wrap=True)
    for attack in attacks:
        drawn.add_row(attack.exercise.name, *(_best(attack, kind) for kind in KINDS))
    parts: list[RenderableType] = [drawn, Text()]
    findings = [(attack.exercise.name, finding) for attack in attacks for finding in attack.findings]
    parts += [Text.assemble((f"✗ {name}: ", "red"), finding) for name, finding in findings]
    if not findings:
        parts.append(Text("✓ No cheat passes that the statement does not allow.", "green"))
    return Group(*parts)


def _best(attack: Attack, kind: str) -> Text:
    """Return the largest share that a cheat of this kind earns, in percent; "-" if the exercise has no such cheat.

    It is rounded down: 100 means all points.
    """
    shares = [score.share for score in attack.scores if score.cheat.kind == kind]
    if not shares:
        return Text("-", "dim")
    share = max(shares)
    return Text(str(int(100 * share + 1e-9)), "red" if share >= 1 else "")


FORMAT = Format("terminal", table)
