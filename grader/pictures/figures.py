"""Draws arrays and curves as figures of Matplotlib: the same look for all, and PNG files as a result."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grader.results import Picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

DPI = 110
PANEL_INCHES = 1.75
_BESIDE = 0.45  # inches for titles and colour scales
_FINE = 4  # parts of a pixel, so that an outline runs along its edge
_FEW = 60  # points of a line whose marks do not touch
# Seen apart by people who see few colours, and with marks of different shapes wherever they meet.
EXPECTED, YOURS, CURVE, TELLING = "#1b6ca8", "#b8370f", "#555555", "#8a5a00"
_TEXT = 8.5


class Panel(NamedTuple):
    """An array beside others: colours `[H, W, 3]`, or numbers `[H, W]` between two limits with a colour scale.

    `mask` `[H, W]` is laid over it where it is above 0.
    """

    title: str
    array: NDArray[Any]
    limits: tuple[float, float] | None = None
    scale: str = "viridis"
    mask: NDArray[Any] | None = None


def rows_of_panels(rows: Sequence[Sequence[Panel]], label: str, description: str) -> Picture:
    """Return panels in rows; rows after the first carry their titles only if these differ."""
    columns = max(map(len, rows))
    height, width = rows[0][0].array.shape[:2]
    inches = PANEL_INCHES * min(max(height / width, 0.4), 1.6)
    figure = Figure(
        figsize=(columns * (PANEL_INCHES + 0.45), len(rows) * (inches + 0.45)), dpi=DPI, layout="constrained"
    )
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for row, drawn in zip(axes, rows, strict=True):
        for axis, panel in zip(row, [*drawn, *[None] * (columns - len(drawn))], strict=True):
            _panel(axis, panel, figure)
    return _picture(figure, label, description)


def _panel(axis: Axes, panel: Panel | None, figure: Figure) -> None:
    axis.set_axis_off()
    if panel is None:
        return
    said = ", hatched: the mask" if panel.mask is not None and "mask" not in panel.title else ""
    axis.set_title(panel.title + said, fontsize=_TEXT)
    if panel.limits is None:
        axis.imshow(np.clip(panel.array, 0, 1), interpolation="nearest")
    else:
        least, most = panel.limits
        image = axis.imshow(panel.array, cmap=panel.scale, vmin=least, vmax=most, interpolation="nearest")
        bar = figure.colorbar(image, ax=axis, shrink=0.85, pad=0.03, aspect=14)
        bar.ax.tick_params(labelsize=_TEXT - 2)
    if panel.mask is not None:
        _mask(axis, panel.mask)


def _mask(axis: Axes, mask: NDArray[Any]) -> None:
    """Hatch what a mask covers, and draw its outline: neither depends on colour."""
    shown = np.clip(mask, 0, 1)
    veil = np.zeros((*shown.shape, 4))
    veil[..., 0], veil[..., 3] = 1.0, 0.35 * shown
    axis.imshow(veil, interpolation="nearest")
    if 0 < shown.mean() < 1:
        padded = np.pad(np.kron(shown, np.ones((_FINE, _FINE))), 1)
        side = [(np.arange(length) - 0.5) / _FINE - 0.5 for length in reversed(padded.shape)]
        axis.contourf(*side, padded, levels=[0.5, 1.5], colors="none", hatches=["////"])
        axis.contour(*side, padded, levels=[0.5], colors=["#000000"], linewidths=0.8)


def curve(
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    marks: Sequence[tuple[str, float, float]],
    levels: Sequence[tuple[str, float]],
    titles: tuple[str, str],
    label: str,
    description: str,
) -> Picture:
    """Return a curve with marked points (name, x, y) and horizontal lines (name, y)."""
    figure = Figure(figsize=(6.4, 3.0), dpi=DPI, layout="constrained")
    axis = figure.subplots()
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.plot(xs, ys, color=CURVE, linewidth=1.6, marker="." if len(xs) <= _FEW else "", label=titles[1])
    for shape, (name, x, y) in zip("osD^v*", marks, strict=False):
        axis.plot([x], [y], shape, color=TELLING, markersize=7, label=f"{name}: {y:.4g} at {x:g}")
    for style, colour, (name, y) in zip(("-", "--"), (EXPECTED, YOURS), levels, strict=False):
        axis.axhline(y, linestyle=style, color=colour, linewidth=1.4, label=f"{name}: {y:.4g}")
    _finish(axis, titles)
    return _picture(figure, label, description)


def two_lines(
    expected: Sequence[float], yours: Sequence[float], titles: tuple[str, str], label: str, description: str
) -> Picture:
    """Return two sequences of numbers as lines over their positions."""
    figure = Figure(figsize=(6.4, 3.0), dpi=DPI, layout="constrained")
    axis = figure.subplots()
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    few = len(expected) <= _FEW
    axis.plot(expected, "-", color=EXPECTED, linewidth=2.2, marker="o" if few else "", markersize=4, label="expected")
    axis.plot(yours, "--", color=YOURS, linewidth=1.6, marker="x" if few else "", markersize=5, label="yours")
    _finish(axis, titles)
    return _picture(figure, label, description)


def steps(
    timesteps: Sequence[float], distances: Sequence[float], accepted: float, label: str, description: str
) -> Picture:
    """Return how far a run is from the right one at each of its steps, with the first step that is too far."""
    figure = Figure(figsize=(6.4, 3.0), dpi=DPI, layout="constrained")
    axis = figure.subplots()
    least = accepted / 10
    axis.plot([max(d, least) for d in distances], "-", color=YOURS, marker="x", label="yours")
    axis.axhline(accepted, linestyle="--", color=EXPECTED, linewidth=1.4, label=f"accepted: {accepted:.3g}")
    first = next((place for place, distance in enumerate(distances) if not distance <= accepted), None)
    if first is not None:
        axis.axvline(first, color=TELLING, linewidth=1.2, linestyle=":")
        axis.annotate(
            f"first wrong at timestep {timesteps[first]:g}", (first, max(distances[first], least)), fontsize=_TEXT,
            xytext=(6, 6), textcoords="offset points", color=TELLING,
        )  # fmt: skip
    axis.set_yscale("log")
    axis.margins(y=0.15)
    places = range(0, len(timesteps), max(1, len(timesteps) // 10))
    axis.set_xticks(list(places), [f"{timesteps[place]:g}" for place in places])
    _finish(axis, ("timestep that the model is asked for", "distance from the right sample"))
    return _picture(figure, label, description)


def _finish(axis: Axes, titles: tuple[str, str]) -> None:
    axis.set_xlabel(titles[0], fontsize=_TEXT)
    axis.set_ylabel(titles[1], fontsize=_TEXT)
    axis.tick_params(labelsize=_TEXT - 1)
    axis.grid(visible=True, color="#dddddd", linewidth=0.6)
    axis.legend(fontsize=_TEXT - 0.5, frameon=True)


def _picture(figure: Figure, label: str, description: str) -> Picture:
    file = io.BytesIO()
    figure.savefig(file, format="png", facecolor="white")
    return Picture(label, file.getvalue(), description)
