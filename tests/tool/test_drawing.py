"""The world that the tiny model is trained on: its scenes, its captions, and what it never shows or names."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from grader.tinyworld import drawing
from grader.tinyworld.drawing import Description, Words

pytestmark = pytest.mark.light

EXAMPLES = [drawing.random_example(random.Random(seed)) for seed in range(400)]


def colour_name(thing: drawing.Thing) -> str:
    """Return the name of the colour that a thing's jittered colour came from."""
    return min(
        drawing.COLOURS,
        key=lambda name: sum(abs(a - b) for a, b in zip(drawing.COLOURS[name], thing.colour, strict=True)),
    )


def test_a_seed_draws_the_same_scene_again() -> None:
    first, second = (drawing.random_example(random.Random(5)) for _ in range(2))
    assert first == second
    assert drawing.draw(first[0]).tobytes() == drawing.draw(second[0]).tobytes()


def test_a_picture_has_the_size_that_is_asked() -> None:
    assert drawing.draw(EXAMPLES[0][0]).size == (64, 64)
    assert drawing.draw(EXAMPLES[0][0], size=128).size == (128, 128)


def test_captions_are_made_of_the_vocabulary_alone() -> None:
    words = {word for _, caption in EXAMPLES for word in caption.split()}
    assert words <= set(drawing.vocabulary())
    assert "diamond" not in drawing.vocabulary()


def test_no_held_out_pair_is_ever_drawn() -> None:
    drawn = {(colour_name(thing), thing.shape) for scene, _ in EXAMPLES for thing in scene.things}
    assert len(drawn) > 40  # of 49: all but the held-out ones come
    assert not drawn & drawing.HELD_OUT


def test_a_diamond_is_drawn_and_called_a_shape() -> None:
    captions = [caption for scene, caption in EXAMPLES if any(thing.shape == "diamond" for thing in scene.things)]
    assert len(captions) > 20
    assert all("shape" in caption for caption in captions)


def test_things_lie_within_the_picture() -> None:
    for scene, _ in EXAMPLES:
        for thing in scene.things:
            assert thing.radius < min(thing.x, thing.y, 64 - thing.x, 64 - thing.y) + 1


@pytest.mark.parametrize(
    ("place", "side"),
    [("on the left", (-1, 0)), ("on the right", (1, 0)), ("at the top", (0, -1)), ("at the bottom", (0, 1))],
)
@pytest.mark.parametrize("size", ["small", None, "big"])
def test_a_place_moves_a_thing_to_its_side(place: str, side: tuple[int, int], size: str | None) -> None:
    for seed in range(20):
        scene = drawing.scene_of(Description((Words("circle", "red", size, place),)), random.Random(seed))
        away = np.array([scene.things[0].x - 32, scene.things[0].y - 32])
        assert away @ np.array(side) > 4
        assert abs(away @ np.array(side[::-1])) <= 3


def test_a_description_reads_as_its_caption() -> None:
    pair = (Words("circle", "red", place="on the left"), Words("star", "orange", "big", "on the right"))
    assert str(Description(pair, "at night")) == "a red circle on the left and a big orange star on the right at night"
    assert str(Description((Words("square", "orange"),))) == "an orange square"
    assert str(Description((), "on white")) == "nothing on white"


def test_no_two_shapes_look_alike() -> None:
    covered = {}
    for shape in (*drawing.SHAPES, drawing.UNNAMED_SHAPE):
        scene = drawing.Scene((drawing.Thing(shape, (255, 0, 0), 32, 32, 20),), (0, 0, 0), (0, 0, 0))
        covered[shape] = np.asarray(drawing.draw(scene))[..., 0] > 127
    for first, second in itertools.combinations(covered.values(), 2):
        assert min(first.sum(), second.sum()) > 300
        assert (first ^ second).sum() > 200


def test_a_gradient_runs_from_top_to_bottom() -> None:
    picture = np.asarray(drawing.draw(drawing.Scene((), (0, 0, 0), (200, 100, 0)))).astype(int)
    assert tuple(picture[0, 0]) == pytest.approx((0, 0, 0), abs=2)
    assert tuple(picture[-1, 0]) == pytest.approx((200, 100, 0), abs=2)
    assert (np.diff(picture[:, 0, 0]) >= 0).all()
