"""Where things are in a picture: the background, the regions that differ from it, and the names of colours."""

import numpy as np
from numpy.typing import NDArray

from grader.tinyworld.concepts import PINK
from grader.tinyworld.drawing import BACKGROUNDS, COLOURS

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
MOST = 0.6  # share of a thing's colour in a pixel

_NAMES = tuple(COLOURS)
_PALETTE = np.array(list(COLOURS.values()), dtype=float)
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE] + 0.5


def fit_background(pixels: Floats) -> tuple[Floats, float]:
    """Return the colour of the background in each row, `[64, 1, 3]`: a straight line through the edge pixels.

    Pixels far from the line belong to things and are left out of the next fit. A second value says what share of the
    edge is near the line, 0 to 1.
    """
    edge = np.minimum.reduce([ROWS, COLUMNS, SIDE - ROWS, SIDE - COLUMNS]) < EDGE
    rows, colours = ROWS[edge], pixels[edge]
    upper, lower = (np.median(colours[half], axis=0) for half in (rows < MIDDLE / 2, rows > SIDE - MIDDLE / 2))
    slope = (lower - upper) / (SIDE * 0.75)
    level = (upper + lower) / 2
    for _ in range(3):
        error = np.linalg.norm(colours - level - np.outer(rows - MIDDLE, slope), axis=1)
        near = error <= max(FAR_FROM_BACKGROUND / 2, float(np.median(error)))
        terms = np.stack([np.ones(near.sum()), rows[near] - MIDDLE], axis=1)
        (level, slope), *_ = np.linalg.lstsq(terms, colours[near])
    return np.asarray(level + (ROWS[:, :1, None] - MIDDLE) * slope), float(near.mean())


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


def find_regions(pixels: Floats, background: Floats) -> list[Mask]:
    """List the connected regions that differ from the background; one of two clear colours is two regions."""
    distance = np.linalg.norm(pixels - background, axis=2)
    found = []
    for region in _connected(distance > FAR_FROM_BACKGROUND):
        names, solid = _colours_of(pixels - background, _PALETTE - background, region)
        counts = np.bincount(names[solid & region], minlength=len(_NAMES))
        if (counts >= max(SMALLEST_AREA, 0.2 * counts.sum())).sum() > 1:
            found += [
                piece
                for name in np.flatnonzero(counts >= SMALLEST_AREA)
                for piece in _connected(region & (names == name))
            ]
        else:
            found.append(region)
    return [region for region in found if region.sum() >= SMALLEST_AREA]


def _colours_of(offset: Floats, palette: Floats, region: Mask) -> tuple[NDArray[np.intp], Mask]:
    """For each pixel, the named colour that fits best if mixed with the background, and whether it is most of it."""
    ways = np.broadcast_to(palette, (SIDE, len(_NAMES), 3))[:, None]  # [rows, 1, names, 3]
    shares = np.clip((offset[:, :, None] * ways).sum(-1) / (ways**2).sum(-1), 0, 1)
    errors = np.linalg.norm(offset[:, :, None] - shares[..., None] * ways, axis=-1)
    names = errors.argmin(-1)
    share = np.take_along_axis(shares, names[..., None], -1)[..., 0]
    return names, (share > MOST) & region


def _connected(mask: Mask) -> list[Mask]:
    """List the regions of a mask whose pixels are connected by their sides."""
    left = set(np.flatnonzero(mask).tolist())
    regions = []
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
        region = np.zeros(SIDE * SIDE, dtype=bool)
        region[reached] = True
        regions.append(region.reshape(SIDE, SIDE))
    return regions


def grown(mask: Mask, times: int) -> Mask:
    """Return a mask that is wider by so many pixels on every side."""
    for _ in range(times):
        wide = np.pad(mask, 1)
        mask = wide[1:-1, 1:-1] | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    return mask
