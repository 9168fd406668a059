"""Figures of the drawn world as formulas, and how well one of them covers a region of a picture."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from grader.tinyworld.regions import COLUMNS, ROWS, Floats, Mask

FAINT = 0.1  # share of a thing's colour in a pixel, below which it is noise
BLURS = (0.0, 0.8, 1.5)  # a picture that went through an autoencoder is not sharp


def _disc(u: Floats, v: Floats) -> Floats:
    return np.hypot(u, v) - 1


def _ring(u: Floats, v: Floats) -> Floats:
    return np.abs(np.hypot(u, v) - 0.775) - 0.225


def _box(u: Floats, v: Floats, width: float, height: float) -> Floats:
    return np.maximum(np.abs(u) - width, np.abs(v) - height)


def _square(u: Floats, v: Floats) -> Floats:
    return _box(u, v, 0.886, 0.886)


def _cross(u: Floats, v: Floats) -> Floats:
    return np.minimum(_box(u, v, 0.35, 1.0), _box(u, v, 1.0, 0.35))


def _diamond(u: Floats, v: Floats) -> Floats:
    return (np.abs(u) + np.abs(v) - 1.07) / math.sqrt(2)


def _triangle(u: Floats, v: Floats) -> Floats:
    """Upright, as high as nine tenths of its width, its centre a little below half its height."""
    sides = (2 * np.abs(u) - 1.1 * (v + 1.05)) / math.hypot(2, 1.1)
    return np.maximum(sides, v - 0.85)


def _star(u: Floats, v: Floats) -> Floats:
    """Five points, one up: the plane folded to half of one point, whose edge runs from the tip to the notch."""
    tip, notch, half = 1.15, 0.49, math.pi / 5
    angle = np.abs((np.arctan2(u, -v) + half) % (2 * half) - half)
    along, across = notch * math.cos(half) - tip, notch * math.sin(half)
    distance = np.hypot(u, v)
    return (across * (distance * np.cos(angle) - tip) - along * distance * np.sin(angle)) / math.hypot(along, across)


# The distance from each figure's outline, negative inside, for radius 1; v points down.
FIGURES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "circle": _disc,
    "square": _square,
    "triangle": _triangle,
    "ring": _ring,
    "cross": _cross,
    "star": _star,
    "diamond": _diamond,
}


@dataclass(frozen=True)
class Figure:
    """Moments of a figure of radius 1: area, height of the centroid (down is positive), width over height."""

    area: float
    centroid: float
    stretch: float


class Blot(NamedTuple):
    """How far each pixel in a box around a region is covered by it, 0 to 1, with the moments of that."""

    cover: Floats
    rows: Floats
    columns: Floats
    area: float
    x: float
    y: float
    stretch: float


def blot_of(cover: Floats) -> Blot:
    """Return the box around what is covered, `[64, 64]`, with its moments."""
    margin = 4
    rows, columns = (np.flatnonzero(cover.any(axis)) for axis in (1, 0))
    box = tuple(slice(max(0, ends[0] - margin), ends[-1] + margin + 1) for ends in (rows, columns))
    cover, rows, columns = cover[box], ROWS[box], COLUMNS[box]
    area = float(cover.sum())
    x, y = float((cover * columns).sum() / area), float((cover * rows).sum() / area)
    stretch = math.sqrt((cover * (columns - x) ** 2).sum() / (cover * (rows - y) ** 2).sum())
    return Blot(cover, rows, columns, area, x, y, stretch)


class Fit(NamedTuple):
    """How well a figure covers a region: the sum of the smaller over the sum of the larger of the two covers.

    `radius` is the figure's, and `peak` how much of its colour blur has left.
    """

    overlap: float
    radius: float
    peak: float


@cache
def _measure(shape: str) -> Figure:
    v, u = np.mgrid[-1.3:1.3:521j, -1.3:1.3:521j]
    inside = FIGURES[shape](u, v) < 0
    centroid = float(v[inside].mean())
    return Figure(float(inside.mean()) * 2.605**2, centroid, float(u[inside].std() / v[inside].std()))


@cache
def _blur(length: int, sigma: float) -> Floats:
    places = np.arange(length)
    weights = np.exp(-((places[:, None] - places) ** 2) / (2 * sigma**2))
    return np.asarray(weights / weights.sum(1, keepdims=True))


def _fit(shape: str, blot: Blot, sigma: float) -> Fit:
    """Compare a region with a figure of its area, centroid and stretch that was blurred by `sigma` pixels.

    Blur makes thin figures paler. A region's cover is 1 where it is strongest. So the figure's is scaled to 1 there,
    and the true area is less than the cover's by the same factor.
    """
    figure = _measure(shape)
    height, width = blot.cover.shape
    stretch = math.sqrt(min(1.25, max(0.8, blot.stretch / figure.stretch)))
    peak = 1.0
    for _ in range(2 if sigma else 1):
        radius = math.sqrt(peak * blot.area / figure.area)
        u = (blot.columns - blot.x) / (radius * stretch)
        v = (blot.rows - blot.y) / (radius / stretch) + figure.centroid
        drawn = np.clip(0.5 - FIGURES[shape](u, v) * radius, 0, 1)
        if sigma:
            drawn = _blur(height, sigma) @ drawn @ _blur(width, sigma).T
            peak = float(np.median(drawn[is_solid(drawn, drawn[drawn > FAINT])]))
    drawn = np.minimum(drawn / peak, 1)
    overlap = float(np.minimum(drawn, blot.cover).sum() / np.maximum(drawn, blot.cover).sum())
    return Fit(overlap, radius, peak)


def is_solid(values: Floats, among: Floats) -> Mask:
    """Return where the values are near the largest: inside a thing, off its smooth edge."""
    return values >= 0.8 * float(np.quantile(among, 0.9))


def best_fit(shape: str, blot: Blot) -> Fit:
    """Return how well a figure covers a region, blurred as much as fits best."""
    return max(_fit(shape, blot, sigma) for sigma in BLURS)


def centroid_of(shape: str) -> float:
    """Return the height of a figure's centroid for radius 1; down is positive."""
    return _measure(shape).centroid
