"""Draws what the tiny Stable Diffusion is asked to paint."""

import random
from dataclasses import replace

from grader.tinyworld.drawing import BACKGROUNDS, COLOURS, HELD_OUT, PLACES, SHAPES, Description, Words

SIZE_TOLD = 0.4  # share of captions that name a size
SINGLE = 0.75  # share of one thing where one or two are asked for
PAIRED_PLACES = (("on the left", "on the right"), ("at the top", "at the bottom"))


def random_single(rng: random.Random, pair: tuple[str, str] | None = None) -> Description:
    """Draw a description of one thing with colour, shape, place, background and, often, size.

    `pair` is a colour and a shape; without it, one that training has.
    """
    pairs = [(colour, shape) for colour in COLOURS for shape in SHAPES if (colour, shape) not in HELD_OUT]
    colour, shape = pair or rng.choice(pairs)
    size = rng.choice(["small", "big"]) if rng.random() < SIZE_TOLD else None
    return Description((Words(shape, colour, size, rng.choice(list(PLACES))),), rng.choice(list(BACKGROUNDS)))


def random_pair(rng: random.Random) -> Description:
    """Draw a description of two things side by side or one above the other, with everything but sizes."""
    things = [replace(random_single(rng).things[0], size=None, place=place) for place in rng.choice(PAIRED_PLACES)]
    return Description(tuple(things), rng.choice(list(BACKGROUNDS)))


def something_else(description: Description, rng: random.Random) -> Description:
    """Draw a description of one thing with another shape, colour, place and background, and without a size."""
    words = description.things[0]
    while True:
        other = random_single(rng)
        new = other.things[0]
        if other.background != description.background and all(
            getattr(new, aspect) != getattr(words, aspect) for aspect in ("shape", "colour", "place")
        ):
            return Description((replace(new, size=None),), other.background)


def one_or_two(rng: random.Random) -> Description:
    """Draw a description of one thing or, less often, of two."""
    return random_single(rng) if rng.random() < SINGLE else random_pair(rng)
