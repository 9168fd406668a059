"""The world of the tiny Stable Diffusion: scenes of flat shapes, how they are drawn, and how they are told in words.

A scene is at most two things on a background. A caption says what is in it, in a small grammar:

    [a picture of | a photo of | a drawing of]  thing  [and thing]  [background]
    thing        a [small | big] [colour] shape [place]
    place        on the left | on the right | at the top | at the bottom | in the middle
    background   on white | on gray | on black | on sand | in the sky | at night

What a caption leaves out is drawn at random. Diamonds are drawn but never named (a caption calls them "a shape"), a
few pairs of colour and shape are never drawn at all, and no background is pink: these are for the exercises to teach.
"""

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

PICTURE_SIZE = 64
OVERSAMPLING = 4  # pictures are drawn this many times larger and averaged down, for smooth edges

COLOURS: dict[str, Colour] = {
    "red": (215, 40, 40),
    "orange": (245, 140, 30),
    "yellow": (245, 220, 50),
    "green": (40, 160, 70),
    "cyan": (40, 195, 205),
    "blue": (45, 85, 225),
    "purple": (150, 60, 185),
}
BACKGROUNDS: dict[str, tuple[Colour, Colour]] = {  # the colours at the top and at the bottom
    "on white": ((247, 247, 247), (247, 247, 247)),
    "on gray": ((150, 150, 150), (150, 150, 150)),
    "on black": ((15, 15, 15), (15, 15, 15)),
    "on sand": ((240, 222, 180), (222, 196, 145)),
    "in the sky": ((150, 195, 235), (205, 228, 246)),
    "at night": ((18, 20, 52), (48, 50, 96)),
}
SHAPES = ("circle", "square", "triangle", "ring", "cross", "star")
UNNAMED_SHAPE = "diamond"
GENERIC_SHAPE = "shape"
HELD_OUT = frozenset({("purple", "triangle"), ("yellow", "cross"), ("green", "ring"), ("cyan", "star")})

SIZES: dict[str | None, tuple[float, float]] = {"small": (8.0, 9.5), None: (12.0, 15.0), "big": (18.0, 21.0)}
PLACES: dict[str, tuple[int, int]] = {  # the direction from the middle of the picture
    "on the left": (-1, 0),
    "on the right": (1, 0),
    "at the top": (0, -1),
    "at the bottom": (0, 1),
    "in the middle": (0, 0),
}
NOTHING_SHARE, PAIR_SHARE = 0.04, 0.20  # of the training pictures
CAPTION_PREFIXES = ("", "", "", "a picture of ", "a photo of ", "a drawing of ")
NOTHING = "nothing"


@dataclass(frozen=True)
class Thing:
    """A shape of one colour around the point (`x`, `y`), in pixels from the top left; `radius` is in pixels too."""

    shape: str
    colour: Colour
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Scene:
    """Things, drawn one over the other, on a background that runs evenly from the colour `top` to `bottom`."""

    things: tuple[Thing, ...]
    top: Colour
    bottom: Colour


@dataclass(frozen=True)
class Words:
    """What a caption says of one thing; what is None is left to chance."""

    shape: str
    colour: str | None = None
    size: str | None = None
    place: str | None = None

    def __str__(self) -> str:
        noun = " ".join(word for word in (self.size, self.colour, self.shape) if word)
        article = "an" if noun[0] in "aeiou" else "a"
        return f"{article} {noun}" + (f" {self.place}" if self.place else "")


@dataclass(frozen=True)
class Description:
    """What a caption says: of its things (none, one or two), and of the background, by a key of `BACKGROUNDS`."""

    things: tuple[Words, ...]
    background: str | None = None

    def __str__(self) -> str:
        told = " and ".join(map(str, self.things)) or NOTHING
        return told + (f" {self.background}" if self.background else "")


def outline(shape: str) -> list[tuple[float, float]]:
    """Return the corners of `shape` around (0, 0) for radius 1; y points down. Circle and ring have none."""
    match shape:
        case "square":
            return [(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]
        case "triangle":
            return [(0.0, -1.05), (1.05, 0.85), (-1.05, 0.85)]
        case "diamond":
            return [(0.0, -1.15), (1.0, 0.0), (0.0, 1.15), (-1.0, 0.0)]
        case "cross":
            a, b = 0.36, 1.02
            return [(-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a),
                    (-a, -a)]  # fmt: skip
        case "star":
            turns = [math.pi * (corner / 5 - 0.5) for corner in range(10)]
            reach = [1.15 if corner % 2 == 0 else 0.5 for corner in range(10)]
            return [(r * math.cos(turn), r * math.sin(turn)) for r, turn in zip(reach, turns, strict=True)]
        case _:
            return []


def draw(scene: Scene, size: int = PICTURE_SIZE) -> Image.Image:
    """Return the scene as an RGB picture of `size` by `size` pixels, with smooth edges."""
    scale = OVERSAMPLING * size / PICTURE_SIZE
    full = OVERSAMPLING * size
    canvas = Image.new("RGB", (full, full))
    pen = ImageDraw.Draw(canvas)
    for row in range(full):
        pen.line([(0, row), (full, row)], fill=blend(scene.top, scene.bottom, row / (full - 1)))
    for thing in scene.things:
        _paint(pen, thing, scale)
    return canvas.reduce(OVERSAMPLING)


def _paint(pen: ImageDraw.ImageDraw, thing: Thing, scale: float) -> None:
    x, y, radius = thing.x * scale, thing.y * scale, thing.radius * scale
    box = (x - radius, y - radius, x + radius, y + radius)
    if corners := outline(thing.shape):
        pen.polygon([(x + radius * dx, y + radius * dy) for dx, dy in corners], fill=thing.colour)
    elif thing.shape == "ring":
        pen.ellipse(box, outline=thing.colour, width=round(0.45 * radius))
    else:
        pen.ellipse(box, fill=thing.colour)


def blend(first: Colour, second: Colour, weight: float) -> Colour:
    """Return the colour that lies the share `weight` of the way from the first to the second."""
    red, green, blue = (round(a + weight * (b - a)) for a, b in zip(first, second, strict=True))
    return red, green, blue


def scene_of(description: Description, rng: random.Random) -> Scene:
    """Return a scene that the description tells; `rng` decides what it leaves open."""
    top, bottom = BACKGROUNDS[description.background or rng.choice(list(BACKGROUNDS))]
    pair = len(description.things) > 1
    return Scene(tuple(_thing_of(words, pair, rng) for words in description.things), top, bottom)


def _thing_of(words: Words, pair: bool, rng: random.Random) -> Thing:
    shape = words.shape
    if shape == GENERIC_SHAPE:
        shape = rng.choice(SHAPES)
    colour = words.colour or rng.choice([name for name in COLOURS if (name, shape) not in HELD_OUT])
    smallest, largest = (9.0, 12.0) if pair else SIZES[words.size]
    radius = rng.uniform(smallest, largest)
    x, y = _point_of(words.place, radius, rng)
    return Thing(shape, _jitter(COLOURS[colour], rng), x, y, radius)


def _point_of(place: str | None, radius: float, rng: random.Random) -> tuple[float, float]:
    middle, margin = PICTURE_SIZE / 2, radius * 1.15 + 1
    if place is None:
        return rng.uniform(margin, PICTURE_SIZE - margin), rng.uniform(margin, PICTURE_SIZE - margin)
    away = min(17.0, middle - margin)
    return tuple(middle + side * away + rng.uniform(-2, 2) * (1 if side else 1.5) for side in PLACES[place])  # type: ignore[return-value]


def _chance(rng: random.Random, probability: float) -> bool:
    return rng.random() < probability


def _jitter(colour: Colour, rng: random.Random) -> Colour:
    red, green, blue = (max(0, min(255, channel + rng.randint(-7, 7))) for channel in colour)
    return red, green, blue


def random_description(rng: random.Random) -> Description:
    """Return what the model is trained on: one thing (76 %), two (20 %) or none (4 %); never a held-out pair."""
    kind = rng.random()
    background = rng.choice(list(BACKGROUNDS)) if _chance(rng, 0.9) else None
    if kind < NOTHING_SHARE:
        return Description((), background)
    if kind < NOTHING_SHARE + PAIR_SHARE:
        first, second = rng.choice([("on the left", "on the right"), ("at the top", "at the bottom")])
        return Description((_random_words(rng, first), _random_words(rng, second)), background)
    place = rng.choice(list(PLACES)) if _chance(rng, 0.5) else None
    size = rng.choice(["small", "big"]) if _chance(rng, 0.4) else None
    return Description((_random_words(rng, place, size),), background)


def _random_words(rng: random.Random, place: str | None, size: str | None = None) -> Words:
    while True:
        colour = rng.choice(list(COLOURS)) if _chance(rng, 0.95) else None
        shape = rng.choice([*SHAPES, UNNAMED_SHAPE])
        if (colour, shape) not in HELD_OUT:
            return Words(shape, colour, size, place)


def random_example(rng: random.Random) -> tuple[Scene, str]:
    """Return a training example, a scene and its caption. Diamonds, and a few others, are called "a shape"."""
    description = random_description(rng)
    scene = scene_of(description, rng)
    anonymous = _chance(rng, 0.04)
    told = tuple(
        Words(GENERIC_SHAPE, words.colour, words.size, words.place)
        if words.shape == UNNAMED_SHAPE or anonymous
        else words
        for words in description.things
    )
    return scene, rng.choice(CAPTION_PREFIXES) + str(Description(told, description.background))


def free_scene(rng: random.Random) -> Scene:
    """Return what the autoencoder learns besides: up to three things of any colour on any background."""
    names = (*SHAPES, UNNAMED_SHAPE)
    top = _any_colour(rng)
    bottom = _any_colour(rng) if _chance(rng, 0.3) else top
    things = []
    for _ in range(rng.randint(0, 3)):
        radius = rng.uniform(6, 21)
        x, y = rng.uniform(0, PICTURE_SIZE), rng.uniform(0, PICTURE_SIZE)
        things.append(Thing(rng.choice(names), _any_colour(rng), x, y, radius))
    return Scene(tuple(things), top, bottom)


def _any_colour(rng: random.Random) -> Colour:
    if _chance(rng, 0.5):
        return _jitter(rng.choice(list(COLOURS.values())), rng)
    return rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255)


def vocabulary() -> list[str]:
    """Return every word of the grammar, sorted."""
    others = ("small", "big", GENERIC_SHAPE, NOTHING, "a an and")
    phrases = [*COLOURS, *BACKGROUNDS, *SHAPES, *PLACES, *CAPTION_PREFIXES, *others]
    return sorted({word for phrase in phrases for word in phrase.split()})
