"""The judge of pictures is right on drawings whose truth is known, also on blurred ones, and says when it is unsure."""

from __future__ import annotations

import math
import random
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from grader.tinyworld import drawing
from grader.tinyworld.concepts import PINK
from grader.tinyworld.drawing import BACKGROUNDS, COLOURS, PLACES, SHAPES, Description, Scene, Thing, Words
from grader.tinyworld.recognition import Seen, SeenThing, compare, look
from grader.tinyworld.regions import UNSURE

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.light

WHITE = (247, 247, 247)
RED, BLUE, YELLOW = COLOURS["red"], COLOURS["blue"], COLOURS["yellow"]
ALL_SHAPES = (*SHAPES, drawing.UNNAMED_SHAPE)


def drawn(*things: Thing, top: drawing.Colour = WHITE, bottom: drawing.Colour | None = None) -> Image.Image:
    return drawing.draw(Scene(things, top, bottom or top))


def freehand(paint: Callable[[ImageDraw.ImageDraw], object]) -> Image.Image:
    canvas = Image.new("RGB", (256, 256), WHITE)
    paint(ImageDraw.Draw(canvas))
    return canvas.reduce(4)


def degraded(picture: Image.Image, rng: np.random.Generator, blur: float = 1.5, noise: float = 6) -> Image.Image:
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)), dtype=float)
    return Image.fromarray((pixels + rng.normal(0, noise, pixels.shape)).clip(0, 255).round().astype(np.uint8))


def truth(scene: Scene, description: Description) -> Description:
    """Return the description with what it left to chance filled in from the scene, but for size and place."""

    def colour_of(thing: Thing) -> str:
        return min(
            COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(COLOURS[name], thing.colour, strict=True))
        )

    words = tuple(
        Words(thing.shape, colour_of(thing), told.size, told.place)
        for thing, told in zip(scene.things, description.things, strict=True)
    )
    return Description(words, next(name for name, ends in BACKGROUNDS.items() if ends == (scene.top, scene.bottom)))


def share_read(change: Callable[[Image.Image], Image.Image], number: int = 150) -> float:
    rng = random.Random("read")
    right = 0
    for _ in range(number):
        description = drawing.random_description(rng)
        scene = drawing.scene_of(description, rng)
        right += compare(truth(scene, description), look(change(drawing.draw(scene)))).all
    return right / number


def test_reads_drawn_pictures():
    assert share_read(lambda picture: picture) >= 0.995


def test_reads_blurred_and_noisy_pictures():
    rng = np.random.default_rng(0)
    assert share_read(lambda picture: degraded(picture, rng)) >= 0.98


@pytest.mark.parametrize("shape", ALL_SHAPES)
@pytest.mark.parametrize("radius", [8.0, 20.0])
def test_tells_shapes_apart(shape: str, radius: float):
    thing = Thing(shape, RED, 31.3, 33.8, radius)
    assert look(drawn(thing)).things[0].shape == shape
    assert look(degraded(drawn(thing), np.random.default_rng(0))).things[0].shape == shape


def test_a_star_with_thinner_arms_is_a_star():
    tips = [(1.1 if corner % 2 == 0 else 0.36, math.pi * (corner / 5 - 0.5)) for corner in range(10)]
    corners = [(128 + 60 * reach * math.cos(turn), 128 + 60 * reach * math.sin(turn)) for reach, turn in tips]
    assert look(freehand(lambda pen: pen.polygon(corners, fill=RED))).things[0].shape == "star"


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_reads_each_colour_on_each_background(name: str, background: str):
    top, bottom = BACKGROUNDS[background]
    seen = look(drawn(Thing("star", COLOURS[name], 32, 32, 9), top=top, bottom=bottom))
    assert [thing.colour for thing in seen.things] == [name]
    assert seen.background == background


@pytest.mark.parametrize("shape", ALL_SHAPES)
def test_measures_centre_and_radius(shape: str):
    thing = look(drawn(Thing(shape, RED, 27.4, 36.9, 13.0))).things[0]
    assert (thing.x, thing.y) == (pytest.approx(27.4, abs=0.3), pytest.approx(36.9, abs=0.3))
    assert thing.radius == pytest.approx(13.0, rel=0.05)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_sees_nothing_on_a_bare_background(background: str):
    top, bottom = BACKGROUNDS[background]
    picture = degraded(drawn(top=top, bottom=bottom), np.random.default_rng(0))
    assert look(picture) == Seen((), background)


def test_sees_the_pink_background():
    assert look(drawn(Thing("circle", RED, 32, 32, 14), top=PINK)).background == "on pink"


def test_a_background_of_no_name_is_unsure():
    assert look(drawn(Thing("circle", RED, 32, 32, 14), top=(60, 170, 80))).background == UNSURE


def test_a_large_thing_over_the_edge_leaves_the_background():
    assert look(drawn(Thing("square", BLUE, 12, 50, 21))).background == "on white"


def test_a_colour_of_no_name_is_unsure():
    assert look(drawn(Thing("circle", (110, 70, 40), 32, 32, 14))).things[0].colour == UNSURE


@pytest.mark.parametrize(
    "paint",
    [
        pytest.param(lambda pen: pen.rectangle((40, 90, 200, 160), fill=RED), id="a bar"),
        pytest.param(lambda pen: pen.pieslice((60, 60, 196, 196), 180, 360, fill=RED), id="half a disc"),
        pytest.param(lambda pen: pen.polygon([(60, 80), (196, 80), (128, 200)], fill=RED), id="a triangle on its tip"),
        pytest.param(lambda pen: pen.ellipse((60, 60, 196, 196), outline=RED, width=10), id="a thin ring"),
        pytest.param(lambda pen: pen.regular_polygon((128, 128, 80), 4, rotation=20, fill=RED), id="a tilted square"),
        pytest.param(lambda pen: pen.pieslice((60, 60, 196, 196), 30, 330, fill=RED), id="a disc with a piece cut out"),
    ],
)
def test_a_shape_of_no_name_is_unsure(paint: Callable[[ImageDraw.ImageDraw], object]):
    assert [thing.shape for thing in look(freehand(paint)).things] == [UNSURE]


def test_a_speck_is_no_thing():
    assert look(freehand(lambda pen: pen.rectangle((100, 100, 115, 115), fill=RED))).things == ()


def test_noise_is_not_read_as_a_drawing():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    seen = look(Image.fromarray(noise))
    assert {thing.shape for thing in seen.things} == {UNSURE}
    assert seen.background == UNSURE


def test_sees_two_things_the_larger_first():
    seen = look(drawn(Thing("circle", RED, 15, 32, 9), Thing("square", BLUE, 48, 32, 12)))
    assert [(thing.shape, thing.colour) for thing in seen.things] == [("square", "blue"), ("circle", "red")]


def test_two_colours_that_touch_are_two_things():
    seen = look(drawn(Thing("square", RED, 21, 32, 12), Thing("circle", BLUE, 43, 32, 12)))
    assert {(thing.shape, thing.colour) for thing in seen.things} == {("square", "red"), ("circle", "blue")}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", drawing.SIZES)
def test_reads_place_and_size(place: str, size: str | None):
    rng = random.Random(f"{place} {size}")
    for shape in ALL_SHAPES:
        thing = look(drawing.draw(drawing.scene_of(Description((Words(shape, "red", size, place),)), rng))).things[0]
        assert (thing.place, thing.size) == (place, size)


def test_a_corner_is_no_place():
    assert look(drawn(Thing("circle", RED, 15, 15, 10))).things[0].place == UNSURE


def test_a_larger_picture_is_read_like_a_small_one():
    scene = Scene((Thing("ring", RED, 18, 32, 10),), WHITE, WHITE)
    large = look(drawing.draw(scene, size=256)).things[0]
    assert (large.shape, large.place) == ("ring", "on the left")
    assert large.x == pytest.approx(18, abs=0.2)


LEFT = SeenThing("circle", "red", 14, 32, 9, 254)
RIGHT = SeenThing("square", "blue", 50, 32, 9, 254)
TOLD_LEFT = Words("circle", "red", "small", "on the left")
TOLD_RIGHT = Words("square", "blue", None, "on the right")


def wrong_aspects(told: Description, seen: Seen) -> set[str]:
    agreement = compare(told, seen)
    return {field.name for field in fields(agreement) if getattr(agreement, field.name) is False}


def test_what_is_told_and_seen_agrees():
    agreement = compare(Description((TOLD_LEFT,), "on white"), Seen((LEFT,), "on white"))
    assert agreement.all
    assert {getattr(agreement, field.name) for field in fields(agreement)} == {True}


@pytest.mark.parametrize(
    ("aspect", "value"), [("shape", "ring"), ("colour", "blue"), ("x", 32), ("radius", 14)], ids=str
)
def test_one_wrong_aspect_is_the_only_one(aspect: str, value: object):
    expected = {"x": "place", "radius": "size"}.get(aspect, aspect)
    seen = Seen((replace(LEFT, **{aspect: value}),), "on white")
    assert wrong_aspects(Description((TOLD_LEFT,), "on white"), seen) == {expected}


def test_a_wrong_background_is_the_only_wrong_aspect():
    assert wrong_aspects(Description((TOLD_LEFT,), "on white"), Seen((LEFT,), UNSURE)) == {"background"}


def test_what_is_not_told_is_not_judged():
    agreement = compare(Description((Words("circle"),)), Seen((LEFT,), "on white"))
    assert (agreement.colour, agreement.size, agreement.place, agreement.background) == (None, None, None, None)
    assert agreement.all


def test_a_pair_agrees_whatever_is_seen_first():
    told = Description((TOLD_LEFT, TOLD_RIGHT))
    assert compare(told, Seen((LEFT, RIGHT), "on white")).shape
    assert compare(told, Seen((RIGHT, LEFT), "on white")).shape


def test_swapped_colours_are_wrong():
    seen = Seen((replace(LEFT, colour="blue"), replace(RIGHT, colour="red")), "on white")
    assert "colour" in wrong_aspects(Description((TOLD_LEFT, TOLD_RIGHT)), seen)


def test_a_missing_thing_is_wrong_in_all_that_is_told_of_it():
    seen = Seen((LEFT,), "on white")
    assert wrong_aspects(Description((TOLD_LEFT, TOLD_RIGHT)), seen) == {"number", "shape", "colour", "place"}


def test_a_thing_too_many_is_wrong_in_number_alone():
    assert wrong_aspects(Description((TOLD_LEFT,)), Seen((LEFT, RIGHT), "on white")) == {"number"}


def test_nothing_told_agrees_with_a_bare_background():
    assert compare(Description((), "on white"), Seen((), "on white")).all


@pytest.mark.parametrize(("shape", "expected"), [("diamond", True), (UNSURE, False)])
def test_a_shape_told_without_a_name_is_any_that_has_one(shape: str, expected: bool):
    told = Description((Words(drawing.GENERIC_SHAPE),))
    assert compare(told, Seen((replace(LEFT, shape=shape),), "on white")).shape is expected
