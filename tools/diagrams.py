"""Diagrams of boxes and arrows for the lesson pages, drawn with Matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

INK, PAPER = "#1f2328", "white"
FILLS = {"data": "#ffffff", "model": "#dbe7f5", "learns": "#ffd9a8", "rule": "#e8e8e8"}
GRADIENT = "#c0392b"
HEIGHT = 0.62  # of a box, in units of the diagram; one unit is an inch at 100 dots
DOTS_PER_UNIT = 110


class Box(NamedTuple):
    """A box around its centre: `data`, a part of the `model`, one that `learns`, or a `rule` to compute by."""

    x: float
    y: float
    text: str
    kind: Literal["data", "model", "learns", "rule"] = "data"
    width: float = 1.5
    height: float = HEIGHT


class Arrow(NamedTuple):
    """An arrow from one box to another, by their names: of what is computed, or of a `gradient`, dashed and red.

    `leaves` and `enters` are the sides of the boxes, `bend` how far the arrow is bent (0 for a straight one, positive
    to the left of its way), `at` how far the label is moved from the arrow's middle.
    """

    start: str
    end: str
    label: str = ""
    gradient: bool = False
    leaves: str = "right"
    enters: str = "left"
    bend: float = 0.0
    at: tuple[float, float] = (0.0, 0.14)


def diagram(path: Path, size: tuple[float, float], boxes: Mapping[str, Box], arrows: Sequence[Arrow]) -> None:
    """Draw boxes and the arrows between them, and write a PNG file."""
    figure = Figure(figsize=size, dpi=DOTS_PER_UNIT, facecolor=PAPER)
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set_axis_off()
    axis.set_xlim(0, size[0])
    axis.set_ylim(0, size[1])
    for box in boxes.values():
        _draw_box(axis, box)
    for arrow in arrows:
        _draw_arrow(axis, arrow, boxes[arrow.start], boxes[arrow.end])
    figure.savefig(path, facecolor=PAPER)


def _draw_box(axis: Axes, box: Box) -> None:
    corner = (box.x - box.width / 2, box.y - box.height / 2)
    rounding = 0.02 if box.kind in ("model", "learns") else 0.16
    axis.add_patch(
        FancyBboxPatch(
            corner,
            box.width,
            box.height,
            boxstyle=f"round,pad=0,rounding_size={rounding}",
            facecolor=FILLS[box.kind],
            edgecolor=INK,
            linewidth=1.1,
        )
    )
    axis.text(box.x, box.y, box.text, ha="center", va="center", fontsize=9, color=INK, linespacing=1.25)


def _draw_arrow(axis: Axes, arrow: Arrow, start: Box, end: Box) -> None:
    begin, finish = _side(start, arrow.leaves), _side(end, arrow.enters)
    colour = GRADIENT if arrow.gradient else INK
    axis.add_patch(
        FancyArrowPatch(
            begin,
            finish,
            arrowstyle="-|>",
            mutation_scale=11,
            shrinkA=1,
            shrinkB=1,
            color=colour,
            linestyle=(0, (4, 2)) if arrow.gradient else "solid",
            linewidth=1.2,
            connectionstyle=f"arc3,rad={arrow.bend}",
        )
    )
    if arrow.label:
        x, y = (begin[0] + finish[0]) / 2 + arrow.at[0], (begin[1] + finish[1]) / 2 + arrow.at[1]
        axis.text(x, y, arrow.label, ha="center", va="center", fontsize=8, color=colour)


def _side(box: Box, side: str) -> tuple[float, float]:
    name, _, shift = side.partition(" ")  # "top 0.2" is 0.2 to the right of the middle, "left -0.1" below it
    away = float(shift) if shift else 0.0
    half_width, half_height = box.width / 2, box.height / 2
    return {
        "left": (box.x - half_width, box.y + away),
        "right": (box.x + half_width, box.y + away),
        "top": (box.x + away, box.y + half_height),
        "bottom": (box.x + away, box.y - half_height),
    }[name]
