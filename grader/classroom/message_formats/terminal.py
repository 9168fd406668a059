"""Draws the effect of messages as a table, what helped least first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from grader.classroom.messages import Effect

_EXPLAINED = (
    "Mended: of the next attempts with other code, how many pass the checks of which this was said; in brackets, where "
    "the true share lies in 95 of 100 such classes. What helped least comes first. Who mended something may have read "
    "more than this message."
)


def table(effects: Sequence[Effect]) -> RenderableType:
    """Return a table of what was said, how many students it was said to, and how often the next attempt mended it."""
    if not effects:
        return Text("Nothing has failed in this gradebook.")
    drawn = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    drawn.add_column("what was said", overflow="fold", ratio=1)
    for heading in ("students", "tried again", "mended"):
        drawn.add_column(heading, justify="right")
    for effect in effects:
        said = effect.said
        what = Text.assemble(f"{said.exercise[1]}: ", (f"{said.variant} ", "bold") if said.variant else "", said.title)
        drawn.add_row(what, str(effect.students), str(effect.tried_again), _share(effect))
    return Group(drawn, Text(), Text(_EXPLAINED, "dim"))


def _share(effect: Effect) -> str:
    if not effect.tried_again:
        return "-"
    low, high = effect.interval
    return f"{effect.share:.0%} ({low:.0%} to {high:.0%})"


FORMAT = Format("terminal", table)
