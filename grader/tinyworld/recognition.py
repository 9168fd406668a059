"""Judge pictures: read shape, colour, place, size and background off the pixels, by geometry alone.

Nothing here is learned and nothing is shared with the code that draws, but for the names of colours and backgrounds.
The background is a colour for each row, fitted to the picture's edge. What differs from it falls into connected parts.
A part's colour is its median pixel's; its shape is the one of a few analytic figures that covers it best. What fits no
name is `UNSURE`, so that a poor picture is not taken for a right one.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from grader.tinyworld.concepts import PINK
from grader.tinyworld.drawing import BACKGROUNDS, COLOURS, GENERIC_SHAPE, PLACES, Description, Words

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

UNSURE = "unsure"
STYLES = {"on pink": (PINK, PINK)}  # backgrounds that no caption names

SIDE = 64  # pictures are judged at this size, and all lengths are in its pixels
MIDDLE = SIDE / 2
FAR_FROM_BACKGROUND = 40.0  # distances between colours are Euclidean, of RGB values from 0 to 255
FAR_FROM_COLOUR = 60.0
NEAR_BACKGROUND = 32.0
SMALLEST_AREA = 30.0
EDGE = 2  # the width of the frame on which only background is expected
LEAST_BACKGROUND = 0.6  # shares of that frame
FAINT, MOST = 0.1, 0.6  # shares of a thing's colour in a pixel
BLURS = (0.0, 0.8, 1.5)  # a picture that went through an autoencoder is not sharp
LEAST_OVERLAP = 0.78
LEAST_MARK = 0.92  # overlap and its lead over the next figure's together: what is far from perfect must be clear
LARGEST_SMALL, LARGEST_MEDIUM = 10.75, 16.5  # radii

_NAMES = tuple(COLOURS)
_PALETTE = np.array(list(COLOURS.values()), dtype=float)
_ROWS, _COLUMNS = np.mgrid[0:SIDE, 0:SIDE] + 0.5


@dataclass(frozen=True)
class SeenThing:
    """One thing in a picture, with its centre and radius in pixels of a picture 64 wide, and its area in such pixels.

    Things of one radius look equally large, whatever their shape; a circle's is its own. `shape` and `colour` are
    names of the drawn world or `UNSURE`.
    """

    shape: str
    colour: str
    x: float
    y: float
    radius: float
    area: float

    @property
    def place(self) -> str:
        """The side the thing is on, "in the middle", or `UNSURE`, for a corner.

        A thing counts as off the middle if it has gone at least half the way from there to the edge, but no farther
        than a thing of middling size goes.
        """
        dx, dy = self.x - MIDDLE, self.y - MIDDLE
        reach = min(17.0, MIDDLE - 1.15 * self.radius - 1)
        limit = (max(reach, 5.0) + 1) / 2
        sides = tuple(int(math.copysign(abs(d) > limit, d)) for d in (dx, dy))
        return next((name for name, side in PLACES.items() if side == sides), UNSURE)

    @property
    def size(self) -> str | None:
        """One of the keys of `drawing.SIZES`: "small", "big", or None for what lies between."""
        return "small" if self.radius < LARGEST_SMALL else None if self.radius < LARGEST_MEDIUM else "big"


@dataclass(frozen=True)
class Seen:
    """What is in a picture: its things, the largest first, and a background's name (with "on pink") or `UNSURE`."""

    things: tuple[SeenThing, ...]
    background: str


@dataclass(frozen=True)
class Agreement:
    """Which of the things told are seen; None where nothing is told. `number` is that of the things."""

    number: bool
    shape: bool | None
    colour: bool | None
    size: bool | None
    place: bool | None
    background: bool | None

    @property
    def all(self) -> bool:
        """Whether everything told is seen."""
        return False not in (self.number, self.shape, self.colour, self.size, self.place, self.background)


def look(image: Image.Image) -> Seen:
    """Read a picture of any size, which is judged at 64 by 64 pixels."""
    if image.size != (SIDE, SIDE):
        image = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.asarray(image.convert("RGB"), dtype=float)
    background, share = fit_background(pixels)
    parts = _parts(pixels, background)
    things = [thing for part in parts if (thing := _thing(pixels, background, part, parts)) is not None]
    name = name_background(background) if share > LEAST_BACKGROUND else UNSURE
    return Seen(tuple(sorted(things, key=lambda thing: -thing.area)), name)


def compare(told: Description, seen: Seen) -> Agreement:
    """Compare what a caption tells with what is seen, aspect by aspect.

    Of all ways to tell the things seen apart, the one counts that agrees in most aspects. "A shape" is any but
    `UNSURE`; where too few things are seen, the rest is wrong, where too many, only the number.
    """
    choices = itertools.permutations([*seen.things, *[None] * len(told.things)], len(told.things))
    verdicts = [
        [_aspects(words, thing) for words, thing in zip(told.things, chosen, strict=True)] for chosen in choices
    ]
    best = max(verdicts, key=lambda verdict: sum(list(aspects.values()).count(True) for aspects in verdict))

    def whole(aspect: str) -> bool | None:
        answers = [aspects[aspect] for aspects in best if aspects[aspect] is not None]
        return all(answers) if answers else None

    return Agreement(
        number=len(seen.things) == len(told.things),
        shape=whole("shape"),
        colour=whole("colour"),
        size=whole("size"),
        place=whole("place"),
        background=None if told.background is None else told.background == seen.background,
    )


def _aspects(words: Words, thing: SeenThing | None) -> dict[str, bool | None]:
    if words.shape == GENERIC_SHAPE:
        shape = thing is not None and thing.shape != UNSURE
    else:
        shape = thing is not None and thing.shape == words.shape
    told = {"colour": words.colour, "size": words.size, "place": words.place}
    return {"shape": shape} | {
        aspect: None if word is None else thing is not None and getattr(thing, aspect) == word
        for aspect, word in told.items()
    }


def fit_background(pixels: Floats) -> tuple[Floats, float]:
    """Return the colour of the background in each row, `[64, 1, 3]`: a straight line through the edge pixels.

    Pixels far from the line belong to things and are left out of the next fit. A second value says what share of the
    edge is near the line, 0 to 1.
    """
    edge = np.minimum.reduce([_ROWS, _COLUMNS, SIDE - _ROWS, SIDE - _COLUMNS]) < EDGE
    rows, colours = _ROWS[edge], pixels[edge]
    upper, lower = (np.median(colours[half], axis=0) for half in (rows < MIDDLE / 2, rows > SIDE - MIDDLE / 2))
    slope = (lower - upper) / (SIDE * 0.75)
    level = (upper + lower) / 2
    for _ in range(3):
        error = np.linalg.norm(colours - level - np.outer(rows - MIDDLE, slope), axis=1)
        near = error <= max(FAR_FROM_BACKGROUND / 2, float(np.median(error)))
        terms = np.stack([np.ones(near.sum()), rows[near] - MIDDLE], axis=1)
        (level, slope), *_ = np.linalg.lstsq(terms, colours[near])
    return np.asarray(level + (_ROWS[:, :1, None] - MIDDLE) * slope), float(near.mean())


def name_background(background: Floats) -> str:
    """Return the name of the background whose colours at the top and at the bottom are nearest, or `UNSURE`."""
    ends = background[[0, -1], 0]
    known = {
        name: float(np.linalg.norm(ends - np.array(pair), axis=1).mean())
        for name, pair in (BACKGROUNDS | STYLES).items()
    }
    name = min(known, key=known.__getitem__)
    return name if known[name] <= NEAR_BACKGROUND else UNSURE


def name_colour(colour: Floats) -> str:
    """Return the name of the nearest colour, or `UNSURE`."""
    distances = np.linalg.norm(_PALETTE - colour, axis=1)
    nearest = int(distances.argmin())
    return _NAMES[nearest] if distances[nearest] <= FAR_FROM_COLOUR else UNSURE


def _parts(pixels: Floats, background: Floats) -> list[Mask]:
    """List the connected parts that differ from the background; one of two clear colours is two parts."""
    distance = np.linalg.norm(pixels - background, axis=2)
    found = []
    for part in _connected(distance > FAR_FROM_BACKGROUND):
        names, solid = _colours_of(pixels - background, _PALETTE - background, part)
        counts = np.bincount(names[solid & part], minlength=len(_NAMES))
        if (counts >= max(SMALLEST_AREA, 0.2 * counts.sum())).sum() > 1:
            found += [
                piece
                for name in np.flatnonzero(counts >= SMALLEST_AREA)
                for piece in _connected(part & (names == name))
            ]
        else:
            found.append(part)
    return [part for part in found if part.sum() >= SMALLEST_AREA]


def _colours_of(offset: Floats, palette: Floats, part: Mask) -> tuple[NDArray[np.intp], Mask]:
    """For each pixel, the named colour that fits best if mixed with the background, and whether it is most of it."""
    ways = np.broadcast_to(palette, (SIDE, len(_NAMES), 3))[:, None]  # [rows, 1, names, 3]
    shares = np.clip((offset[:, :, None] * ways).sum(-1) / (ways**2).sum(-1), 0, 1)
    errors = np.linalg.norm(offset[:, :, None] - shares[..., None] * ways, axis=-1)
    names = errors.argmin(-1)
    share = np.take_along_axis(shares, names[..., None], -1)[..., 0]
    return names, (share > MOST) & part


def _connected(mask: Mask) -> list[Mask]:
    """List the parts of a mask that hang together by the sides of pixels."""
    left = set(np.flatnonzero(mask).tolist())
    parts = []
    while left:
        border = [left.pop()]
        reached = []
        while border:
            pixel = border.pop()
            reached.append(pixel)
            column = pixel % SIDE
            beside = [pixel - 1] * (column > 0) + [pixel + 1] * (column < SIDE - 1)
            for neighbour in (*beside, pixel - SIDE, pixel + SIDE):
                if neighbour in left:
                    left.remove(neighbour)
                    border.append(neighbour)
        part = np.zeros(SIDE * SIDE, dtype=bool)
        part[reached] = True
        parts.append(part.reshape(SIDE, SIDE))
    return parts


def _thing(pixels: Floats, background: Floats, part: Mask, parts: list[Mask]) -> SeenThing | None:
    """Tell what the part is, or None if it is only a speck."""
    offset = pixels - background
    distance = np.linalg.norm(offset, axis=2)
    solid = part & _is_solid(distance, distance[part])
    way = np.median(offset[solid], axis=0)
    others = np.logical_or.reduce([other for other in parts if other is not part] or [np.zeros_like(part)])
    way_of_row = np.median(pixels[solid], axis=0) - background
    cover = (offset * way_of_row).sum(-1) / (way_of_row**2).sum(-1)
    cover = np.where(_grown(part, 2) & ~_grown(others, 1), np.clip(cover, 0, 1), 0.0)
    cover[cover < FAINT] = 0.0  # noise of the background
    if cover.sum() < SMALLEST_AREA:
        return None
    blot = _blot(cover)
    fits = {shape: max(_fit(shape, blot, sigma) for sigma in BLURS) for shape in FIGURES}
    first, second = sorted(fits, key=fits.__getitem__, reverse=True)[:2]
    best = fits[first]
    behind = background[int(blot.y), 0]
    lead = best.overlap - fits[second].overlap
    if best.overlap < LEAST_OVERLAP or best.overlap + lead < LEAST_MARK:
        radius = math.sqrt(blot.area / math.pi)
        return SeenThing(UNSURE, name_colour(behind + way), blot.x, blot.y, radius, blot.area)
    colour = np.clip(behind + way / best.peak, 0, 255)
    centre = blot.y - best.radius * _measure(first).centroid
    return SeenThing(first, name_colour(colour), blot.x, centre, best.radius, blot.area * best.peak)


def _is_solid(values: Floats, among: Floats) -> Mask:
    """Where the values are near the largest: inside a thing, off its smooth edge."""
    return values >= 0.8 * float(np.quantile(among, 0.9))


def _grown(mask: Mask, times: int) -> Mask:
    for _ in range(times):
        wide = np.pad(mask, 1)
        mask = wide[1:-1, 1:-1] | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    return mask


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
    """How far each pixel in a box around a part is covered by it, 0 to 1, with the moments of that."""

    cover: Floats
    rows: Floats
    columns: Floats
    area: float
    x: float
    y: float
    stretch: float


def _blot(cover: Floats) -> Blot:
    margin = 4
    rows, columns = (np.flatnonzero(cover.any(axis)) for axis in (1, 0))
    box = tuple(slice(max(0, ends[0] - margin), ends[-1] + margin + 1) for ends in (rows, columns))
    cover, rows, columns = cover[box], _ROWS[box], _COLUMNS[box]
    area = float(cover.sum())
    x, y = float((cover * columns).sum() / area), float((cover * rows).sum() / area)
    stretch = math.sqrt((cover * (columns - x) ** 2).sum() / (cover * (rows - y) ** 2).sum())
    return Blot(cover, rows, columns, area, x, y, stretch)


class Fit(NamedTuple):
    """How well a figure covers a part: the sum of the smaller over the sum of the larger of the two covers.

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
    """Compare a part with a figure of its area, centroid and stretch that was blurred by `sigma` pixels.

    Blur makes thin figures paler. The part's cover is 1 where it is strongest, so the figure's is brought to that too,
    and its true area is less than the cover's by as much.
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
            peak = float(np.median(drawn[_is_solid(drawn, drawn[drawn > FAINT])]))
    drawn = np.minimum(drawn / peak, 1)
    overlap = float(np.minimum(drawn, blot.cover).sum() / np.maximum(drawn, blot.cover).sum())
    return Fit(overlap, radius, peak)
