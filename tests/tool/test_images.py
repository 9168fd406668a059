"""Results that no annotation converts: what is refused, and in which words."""

import pytest
import torch
from PIL import Image

from grader.checks import CheckFailure
from grader.checks.assertions import assert_items
from grader.checks.images import assert_picture, pixels
from grader.sandbox.wire.values import Opaque

NAMES = ("canvas", "mask")
RED = Image.new("RGB", (3, 2), (255, 0, 0))


@pytest.mark.parametrize("actual", [(1, 2), [1, 2]])
def test_a_tuple_or_a_list_is_taken_apart(actual: object) -> None:
    assert assert_items(actual, NAMES) == [1, 2]


@pytest.mark.parametrize(
    ("actual", "sentence"),
    [
        (
            None,
            "The result is None; it must be 2 values: canvas, mask. Does every path of the function end in `return`?",
        ),
        (torch.zeros(2), "The result is of type Tensor; it must be 2 values: canvas, mask."),
        (Opaque("zip", "<zip>"), "The result is of type zip; it must be 2 values: canvas, mask."),
        ((1,), "The result holds 1 value; it must be 2 values: canvas, mask."),
        ([1, 2, 3], "The result holds 3 values; it must be 2 values: canvas, mask."),
    ],
)
def test_what_is_not_as_many_values_is_refused(actual: object, sentence: str) -> None:
    with pytest.raises(CheckFailure) as failure:
        assert_items(actual, NAMES)
    assert failure.value.sentence == sentence


def test_a_pictures_pixels_are_rows_of_colours() -> None:
    picture = RED.copy()
    picture.putpixel((2, 0), (1, 2, 3))
    found = assert_picture(picture, width=3, height=2)
    assert (list(found.shape), found.dtype) == ([2, 3, 3], torch.uint8)
    assert found[0, 2].tolist() == [1, 2, 3]
    assert torch.equal(found, pixels(picture))


@pytest.mark.parametrize(
    ("actual", "sentence"),
    [
        (None, "The canvas is None; it must be an RGB PIL image, 3 wide and 2 high."),
        (torch.zeros(2, 3), "The canvas is of type Tensor; it must be an RGB PIL image, 3 wide and 2 high."),
        (RED.convert("L"), "The canvas has mode L; it must have mode RGB."),
        (RED.resize((2, 3)), "The canvas is 2 wide and 3 high; it must be 3 wide and 2 high."),
    ],
)
def test_what_is_no_such_picture_is_refused(actual: object, sentence: str) -> None:
    with pytest.raises(CheckFailure) as failure:
        assert_picture(actual, width=3, height=2, what="The canvas")
    assert failure.value.sentence == sentence


def test_a_picture_is_described_without_its_address() -> None:
    with pytest.raises(CheckFailure) as failure:
        assert_items(RED, NAMES)
    assert failure.value.actual == "a PIL image of mode RGB, 3 wide and 2 high"
