"""What a mask from a box must be, on real sizes and against the reference."""

import torch
from hypothesis import given, settings

from exercises.img2img_and_inpainting.checks import _masks as draw
from grader.checks import assert_equal, assert_like


@given(box=draw.boxes(place="over", padding=None, longest_side=130, reach=45))
def test_equals_reference_on_large_pictures(submission, reference, box):
    """Boxes of any size on pictures of up to 130 pixels, grown by up to 45, give the reference's mask."""
    expected = reference.box_mask(*box)
    actual = submission.box_mask(*box)
    assert_equal(actual, expected, "The mask must be 1 exactly in the grown box, as far as the picture goes.")


@settings(max_examples=30)
@given(box=draw.boxes(place="outside", padding=None))
def test_box_outside_may_grow_into_the_picture(submission, reference, box):
    """If a box lies beside the picture, the mask holds only the part that grows into the picture."""
    expected = reference.box_mask(*box)
    actual = submission.box_mask(*box)
    assert_equal(actual, expected, "The box grows first, wherever it lies; then it is cut at the border.")


@settings(max_examples=10)
@given(box=draw.boxes(place="over", padding=None))
def test_growing_is_a_larger_box(submission, box):
    """A box with padding gives what the larger box gives without."""
    left, top, right, bottom = box.box
    larger = (left - box.padding, top - box.padding, right + box.padding, bottom + box.padding)
    picture = torch.zeros(1, 1, box.height, box.width)
    expected = assert_like(submission.box_mask(box.height, box.width, larger, 0), picture)
    actual = submission.box_mask(*box)
    assert_equal(actual, expected, f"Padding {box.padding} must be the same as the box {larger}.")
