"""Judge pictures: read shape, colour, place, size and background off the pixels, by geometry alone.

Nothing here is learned and nothing is shared with the code that draws, except the names of colours and backgrounds.
The background is a colour for each row, fitted to the picture's edge. What differs from it falls into connected
regions. A region's colour is that of its median pixel; its shape is the one of a few analytic figures that covers it
best. What fits no name is `UNSURE`, so that a poor picture does not count as a right one.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from grader.tinyworld.drawing import GENERIC_SHAPE, PLACES, Description, Words
from grader.tinyworld.figures import FAINT, FIGURES, best_fit, blot_of, centroid_of, is_solid
from grader.tinyworld.regions import (
    MIDDLE,
    SIDE,
    SMALLEST_AREA,
    UNSURE,
    Floats,
    Mask,
    find_regions,
    fit_background,
    grown,
    name_background,
    name_colour,
)

LEAST_BACKGROUND = 0.6  # shares of that frame
LEAST_OVERLAP = 0.78
LEAST_MARK = 0.92  # overlap and its lead over the next figure's together: what is far from perfect must be clear
LARGEST_SMALL, LARGEST_MEDIUM = 10.75, 16.5  # radii


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
    """Which aspects of a description are seen, None for those it leaves open. `number` is the number of things."""

    number: bool
    shape: bool | None
    colour: bool | None
    size: bool | None
    place: bool | None
    background: bool | None

    @property
    def all(self) -> bool:
        """Whether everything that is described is seen."""
        return False not in (self.number, self.shape, self.colour, self.size, self.place, self.background)


def look(image: Image.Image) -> Seen:
    """Read a picture of any size, which is judged at 64 by 64 pixels."""
    if image.size != (SIDE, SIDE):
        image = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.asarray(image.convert("RGB"), dtype=float)
    background, share = fit_background(pixels)
    regions = find_regions(pixels, background)
    things = [thing for region in regions if (thing := _thing(pixels, background, region, regions)) is not None]
    name = name_background(background) if share > LEAST_BACKGROUND else UNSURE
    return Seen(tuple(sorted(things, key=lambda thing: -thing.area)), name)


def compare(description: Description, seen: Seen) -> Agreement:
    """Compare a description with what is seen, aspect by aspect.

    Of all ways to match described and seen things, the one counts that agrees in most aspects. "A shape" is any but
    `UNSURE`; where too few things are seen, the rest is wrong, where too many, only the number.
    """
    choices = itertools.permutations([*seen.things, *[None] * len(description.things)], len(description.things))
    verdicts = [
        [_aspects(words, thing) for words, thing in zip(description.things, chosen, strict=True)] for chosen in choices
    ]
    best = max(verdicts, key=lambda verdict: sum(list(aspects.values()).count(True) for aspects in verdict))

    def whole(aspect: str) -> bool | None:
        answers = [aspects[aspect] for aspects in best if aspects[aspect] is not None]
        return all(answers) if answers else None

    return Agreement(
        number=len(seen.things) == len(description.things),
        shape=whole("shape"),
        colour=whole("colour"),
        size=whole("size"),
        place=whole("place"),
        background=None if description.background is None else description.background == seen.background,
    )


def _aspects(words: Words, thing: SeenThing | None) -> dict[str, bool | None]:
    if words.shape == GENERIC_SHAPE:
        shape = thing is not None and thing.shape != UNSURE
    else:
        shape = thing is not None and thing.shape == words.shape
    described = {"colour": words.colour, "size": words.size, "place": words.place}
    return {"shape": shape} | {
        aspect: None if word is None else thing is not None and getattr(thing, aspect) == word
        for aspect, word in described.items()
    }


def _thing(pixels: Floats, background: Floats, region: Mask, regions: list[Mask]) -> SeenThing | None:
    """Tell what the region is, or None if it is only a speck."""
    offset = pixels - background
    distance = np.linalg.norm(offset, axis=2)
    solid = region & is_solid(distance, distance[region])
    way = np.median(offset[solid], axis=0)
    others = np.logical_or.reduce([other for other in regions if other is not region] or [np.zeros_like(region)])
    way_of_row = np.median(pixels[solid], axis=0) - background
    cover = (offset * way_of_row).sum(-1) / (way_of_row**2).sum(-1)
    cover = np.where(grown(region, 2) & ~grown(others, 1), np.clip(cover, 0, 1), 0.0)
    cover[cover < FAINT] = 0.0  # noise of the background
    if cover.sum() < SMALLEST_AREA:
        return None
    blot = blot_of(cover)
    fits = {shape: best_fit(shape, blot) for shape in FIGURES}
    first, second = sorted(fits, key=fits.__getitem__, reverse=True)[:2]
    best = fits[first]
    behind = background[int(blot.y), 0]
    lead = best.overlap - fits[second].overlap
    if best.overlap < LEAST_OVERLAP or best.overlap + lead < LEAST_MARK:
        radius = math.sqrt(blot.area / math.pi)
        return SeenThing(UNSURE, name_colour(behind + way), blot.x, blot.y, radius, blot.area)
    colour = np.clip(behind + way / best.peak, 0, 255)
    centre = blot.y - best.radius * centroid_of(first)
    return SeenThing(first, name_colour(colour), blot.x, centre, best.radius, blot.area * best.peak)
