"""Draws the groups of a class for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from grader.report.registry import Format

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.classroom.clusters.model import ClassClusters, Cluster

_NAMED = 8
_MARGIN = (0, 0, 0, 2)


def drawn(found: ClassClusters) -> RenderableType:
    """Return the groups, the largest first, each with what they have in common and how to give it a name."""
    parts: list[RenderableType] = [Text(found.sentence), Text()]
    for cluster in found.clusters:
        parts += _cluster(cluster)
    parts += [Text(sentence, "yellow") for sentence in found.left_out]
    return Group(*parts)


def _cluster(cluster: Cluster) -> list[RenderableType]:
    more = len(cluster.students) - _NAMED
    who = ", ".join(cluster.students[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    hidden = " (hidden)" if cluster.hidden else ""
    lines: list[RenderableType] = [
        Text.assemble((cluster.name, "bold"), f"  {len(cluster.students)}  ", (who, "dim")),
        Padding(Text.assemble(("✗ ", "red"), f"{cluster.check}{hidden}"), _MARGIN),
    ]
    lines += [Padding(Text(text), _MARGIN) for text in _facts(cluster)]
    if cluster.code:
        lines.append(Padding(Text(cluster.code, "cyan"), (0, 0, 0, 6)))
    if cluster.is_adoptable:
        lesson, name = cluster.exercise
        adopt = f"grade mistakes adopt {cluster.name} {lesson}/{name} NAME --gradebook GRADEBOOK"
        lines.append(Padding(Text(f"Give it a name: {adopt}", "dim"), _MARGIN))
    return [*lines, Text()]


def _facts(cluster: Cluster) -> list[str]:
    facts = []
    if cluster.raises:
        facts.append(f"Every wrong call raises {cluster.raises}.")
    else:
        facts.append(cluster.message)
    if cluster.edit:
        facts.append(f"The solution does the same after one edit: {cluster.edit}")
    if cluster.closest:
        closest = cluster.closest
        like = "Known as" if cluster.is_known else "Most like"
        shared = "" if cluster.is_known else f", with {closest.share:.0%} of the wrong answers in common"
        facts.append(f"{like} `{closest.variant}`{shared}: {closest.title}")
    if not cluster.code:
        facts.append("No code of theirs can be shown without their own names.")
    return facts


FORMAT = Format("terminal", drawn)
