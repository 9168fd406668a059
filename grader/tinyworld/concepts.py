"""Handfuls of pictures that teach the tiny Stable Diffusion what it was not taught: a shape's name, and a style.

The shape is the diamond. The model has drawn diamonds, but no caption it read named one: it knows the thing and no word
for it, and textual inversion can find the vector of that word. The style is a pink background, which no picture it saw
has: an adapter (LoRA) can learn it from captions that say nothing of it.
"""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from PIL import Image

from grader.tinyworld import drawing

PLACEHOLDER = "{token}"
PINK: drawing.Colour = (255, 170, 200)


@dataclass(frozen=True)
class Example:
    """A picture and its caption; in the captions of a concept `{token}` stands where its name would be."""

    picture: Image.Image
    caption: str

    def told(self, word: str) -> str:
        """Return the caption with `word` for the placeholder."""
        return self.caption.replace(PLACEHOLDER, word)


@dataclass(frozen=True)
class Concept:
    """Something to learn from examples: `token` will be its name, `initializer` is a known word to start from."""

    name: str
    token: str
    initializer: str
    examples: tuple[Example, ...]


def concept_pictures(number: int, seed: int, *, held_out: bool = False) -> Concept:
    """Return diamonds of all colours, sizes, places and backgrounds, told as "a red {token} on white".

    `number` is 0 to 42: colours and backgrounds take turns, and no pair of them comes twice. The pictures are RGB, 64
    by 64 pixels; equal arguments give equal ones. `held_out` gives others, to measure on what no training saw. Raises
    ValueError for a `number` out of range.
    """
    rng = _rng("concept", seed, held_out)
    pairs = _pairs(drawing.COLOURS, drawing.BACKGROUNDS, rng)
    examples = tuple(
        _example(_words(drawing.UNNAMED_SHAPE, colour, rng), background, rng)
        for colour, background in _first(number, pairs)
    )
    return Concept(drawing.UNNAMED_SHAPE, "<gem>", "circle", examples)


def style_pictures(number: int, seed: int, *, held_out: bool = False) -> tuple[Example, ...]:
    """Return things of the known shapes and colours on `PINK`, told without their background, as "a small red circle".

    `number` is 0 to 38: colours and shapes take turns, no pair of them comes twice, and the pairs that the model never
    saw do not come at all. The rest is as in `concept_pictures`.
    """
    rng = _rng("style", seed, held_out)
    pairs = [pair for pair in _pairs(drawing.COLOURS, drawing.SHAPES, rng) if pair not in drawing.HELD_OUT]
    return tuple(_example(_words(shape, colour, rng), None, rng, paper=PINK) for colour, shape in _first(number, pairs))


def _rng(kind: str, seed: int, held_out: bool) -> random.Random:
    return random.Random(f"{kind} {seed} {'held out' if held_out else 'training'}")


def _pairs(first: Iterable[str], second: Iterable[str], rng: random.Random) -> list[tuple[str, str]]:
    """Return pairs in which both sides take turns, up to where the first would come again."""
    left, right = list(first), list(second)
    rng.shuffle(left)
    rng.shuffle(right)
    return [(left[turn % len(left)], right[turn % len(right)]) for turn in range(math.lcm(len(left), len(right)))]


def _first(number: int, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if not 0 <= number <= len(pairs):
        raise ValueError(f"number is {number}; there are 0 to {len(pairs)} of these pictures.")
    return pairs[:number]


def _words(shape: str, colour: str, rng: random.Random) -> drawing.Words:
    size = rng.choice(list(drawing.SIZES))
    place = rng.choice([None, *drawing.PLACES])
    return drawing.Words(shape, colour, size, place)


def _example(
    words: drawing.Words, background: str | None, rng: random.Random, paper: drawing.Colour | None = None
) -> Example:
    """Return the scene that `words` and `background` tell, on `paper` if given."""
    scene = drawing.scene_of(drawing.Description((words,), background), rng)
    if paper is not None:
        scene = replace(scene, top=paper, bottom=paper)
    told = replace(words, shape=PLACEHOLDER) if words.shape == drawing.UNNAMED_SHAPE else words
    caption = rng.choice(drawing.CAPTION_PREFIXES) + str(drawing.Description((told,), background))
    return Example(drawing.draw(scene), caption)
