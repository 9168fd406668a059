"""The held-out concepts: what is drawn, what is told, and that training and measuring never share a picture."""

import re

import numpy as np
import pytest
from PIL import Image

from grader.tinyworld import drawing
from grader.tinyworld.concepts import PINK, Example, concept_pictures, style_pictures

pytestmark = pytest.mark.light

KINDS = ("concept", "style")
THING = (
    rf"an? ((small|big) )?({'|'.join(drawing.COLOURS)}) ({'|'.join([*drawing.SHAPES, r'{token}'])})"
    rf"( ({'|'.join(drawing.PLACES)}))?"
)
CAPTION = re.compile(rf"(a picture of |a photo of |a drawing of )?{THING}( ({'|'.join(drawing.BACKGROUNDS)}))?")


def examples_of(kind: str, number: int = 8, seed: int = 0, held_out: bool = False) -> tuple[Example, ...]:
    if kind == "concept":
        return concept_pictures(number, seed, held_out=held_out).examples
    return style_pictures(number, seed, held_out=held_out)


def all_of(kind: str) -> list[Example]:
    """Return the examples of three seeds, for training and for measuring."""
    return [
        example for seed in range(3) for held_out in (False, True) for example in examples_of(kind, 38, seed, held_out)
    ]


def corners(picture: Image.Image) -> list[tuple[int, int, int]]:
    pixels = np.asarray(picture).astype(int)
    return [tuple(pixels[row, column].tolist()) for row in (0, -1) for column in (0, -1)]


@pytest.mark.parametrize("kind", KINDS)
def test_equal_seeds_give_equal_examples(kind: str) -> None:
    assert examples_of(kind, seed=3) == examples_of(kind, seed=3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_smaller_number_gives_the_first_of_the_same_examples(kind: str) -> None:
    assert examples_of(kind, 4) == examples_of(kind, 8)[:4]


@pytest.mark.parametrize("kind", KINDS)
def test_no_picture_comes_twice_within_or_between_seeds_and_sets(kind: str) -> None:
    pictures = [example.picture.tobytes() for example in all_of(kind)]

    assert len(set(pictures)) == len(pictures) == 228


@pytest.mark.parametrize("kind", KINDS)
def test_no_caption_comes_twice_in_a_set(kind: str) -> None:
    captions = [example.caption for example in examples_of(kind, 38)]

    assert len(set(captions)) == 38


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_as_the_model_draws_them(kind: str) -> None:
    assert {(e.picture.size, e.picture.mode) for e in examples_of(kind)} == {((64, 64), "RGB")}


@pytest.mark.parametrize("kind", KINDS)
def test_captions_fit_the_grammar(kind: str) -> None:
    for example in all_of(kind):
        assert CAPTION.fullmatch(example.caption), example.caption


@pytest.mark.parametrize("kind", KINDS)
def test_captions_never_name_what_is_to_be_learned(kind: str) -> None:
    captions = " ".join(example.caption for example in all_of(kind))

    assert not re.search("diamond|pink|gem", captions)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_fourteen_examples_have_all_colours_and_all_that_takes_turns_with_them(kind: str, seed: int) -> None:
    captions = " ".join(example.caption for example in examples_of(kind, 14, seed))
    others = drawing.BACKGROUNDS if kind == "concept" else drawing.SHAPES

    assert [word for word in (*drawing.COLOURS, *others) if word not in captions] == []


def test_captions_of_the_concept_hold_the_placeholder_once_and_those_of_the_style_do_not() -> None:
    assert {example.caption.count("{token}") for example in all_of("concept")} == {1}
    assert {example.caption.count("{token}") for example in all_of("style")} == {0}


def test_told_puts_a_word_in_the_place_of_the_placeholder() -> None:
    example = Example(Image.new("RGB", (1, 1)), "a photo of a red {token} on white")

    assert example.told("<gem>") == "a photo of a red <gem> on white"


def test_concept_starts_from_a_word_the_model_knows_and_its_token_is_no_such_word() -> None:
    concept = concept_pictures(1, seed=0)

    assert concept.initializer in drawing.vocabulary()
    assert concept.token not in drawing.vocabulary()


def test_concept_pictures_show_diamonds() -> None:
    """A diamond fills half of its box, is as wide as it is high but for its reach, and leaves the corners free."""
    for example in examples_of("concept", 42):
        pixels = np.asarray(example.picture).astype(int)
        thing = np.abs(pixels - pixels[:, :1]).sum(axis=2) > 30  # the background is the same along a row
        rows, columns = np.flatnonzero(thing.any(axis=1)), np.flatnonzero(thing.any(axis=0))
        box = thing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert box.mean() == pytest.approx(0.5, abs=0.08)
        assert box.shape[0] / box.shape[1] == pytest.approx(1.15, abs=0.1)
        assert not box[:2, :2].any()
        assert not box[-2:, -2:].any()


def test_style_pictures_are_pink_to_the_edges() -> None:
    for example in all_of("style"):
        assert set(corners(example.picture)) == {PINK}


def test_style_captions_leave_the_background_out() -> None:
    captions = [example.caption for example in all_of("style")]

    assert not [caption for caption in captions if caption.endswith(tuple(drawing.BACKGROUNDS))]


def test_pink_is_no_colour_the_model_saw() -> None:
    known = [*drawing.COLOURS.values(), *(colour for pair in drawing.BACKGROUNDS.values() for colour in pair)]

    assert min(max(abs(a - b) for a, b in zip(PINK, colour, strict=True)) for colour in known) > 40


def test_style_shows_only_pairs_the_model_saw() -> None:
    told = {tuple(match.groups()[3:5]) for e in all_of("style") if (match := CAPTION.fullmatch(e.caption))}

    assert len(told) == 38
    assert not told & drawing.HELD_OUT


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [-1, 43])
def test_number_out_of_range_is_refused(kind: str, number: int) -> None:
    with pytest.raises(ValueError, match=f"number is {number}; there are 0 to "):
        examples_of(kind, number)
