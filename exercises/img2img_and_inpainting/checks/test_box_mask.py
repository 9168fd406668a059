"""What a mask from a box must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.img2img_and_inpainting.checks import _masks as draw
from grader.checks import assert_equal, assert_like


def assert_filled(actual, box, sentence):
    """Raise `CheckFailure` unless a mask is 1 in exactly the rows and columns of the grown `box` on the picture."""
    mask = assert_like(actual, torch.zeros(1, 1, box.height, box.width))[0, 0]
    either = int(((mask == 0) | (mask == 1)).sum())
    assert_equal(either, mask.numel(), "Every number of the mask must be 0 or 1; this check counts those that are.")
    left, top, right, bottom = box.box
    sides = (("rows", 1, top, bottom, box.height), ("columns", 0, left, right, box.width))
    for name, across, first, last, size in sides:
        found = (mask.amax(dim=across) == 1).nonzero().flatten().tolist()
        due = [place for place in range(size) if first - box.padding <= place < last + box.padding]
        assert_equal(found, due, f"{sentence} Compared here are the {name} that hold a 1.")
    rows, columns = ((mask.amax(dim=across) == 1).sum() for across in (1, 0))
    assert_equal(int(mask.sum()), int(rows * columns), f"{sentence} This check counts the ones.")


def test_worked_examples(submission):
    """The function reproduces the worked examples of the statement."""
    tight, first_column = torch.zeros(1, 1, 3, 4), torch.zeros(1, 1, 3, 4)
    tight[0, 0, 0:2, 1:3] = 1.0
    first_column[..., 0] = 1.0
    for box, padding, expected in (
        ((1, 0, 3, 2), 0, tight),
        ((1, 0, 3, 2), 1, torch.ones(1, 1, 3, 4)),
        ((-5, 1, -1, 2), 2, first_column),
    ):
        actual = submission.box_mask(3, 4, box, padding)
        assert_equal(
            actual,
            expected,
            f"On a picture of height 3 and width 4, box {box} with padding {padding} must give this mask.",
        )


@settings(max_examples=40)
@given(box=draw.boxes(place="inside"))
def test_tight_box_is_filled(submission, box):
    """Without padding the mask is 1 in the box and 0 elsewhere; padding is 0 if it is not given."""
    actual = submission.box_mask(box.height, box.width, box.box)
    left, top, right, bottom = box.box
    sentence = f"The mask must be 1 in rows {top} to {bottom - 1} and columns {left} to {right - 1}, and 0 elsewhere."
    assert_filled(actual, box, sentence)


@given(box=draw.boxes(place="inside", padding=None))
def test_padding_grows_all_four_sides(submission, box):
    """Padding grows the box by as many pixels on each of the four sides, as far as the picture goes."""
    actual = submission.box_mask(*box)
    sentence = f"Box {box.box} must grow by {box.padding} on each side, and end at the border of the picture."
    assert_filled(actual, box, sentence)


@settings(max_examples=40)
@given(box=draw.boxes(place="over"))
def test_what_is_over_the_border_is_cut_off(submission, box):
    """A box that reaches over the border is cut off there; the mask has the size of the picture."""
    actual = submission.box_mask(*box)
    sentence = f"The part of box {box.box} on the picture, {box.width} wide and {box.height} high, must be 1."
    assert_filled(actual, box, sentence)


@settings(max_examples=8)
@given(box=draw.boxes(place="inside"), gap=st.integers(1, 3) | st.just(0))
def test_box_outside_gives_zeros(submission, box, gap):
    """A box that does not touch the picture gives a mask of zeros."""
    left, top, right, bottom = box.box
    for outside in (
        (left - right - gap, top, -gap, bottom),
        (left, top - bottom - gap, right, -gap),
        (box.width + gap, top, box.width + gap + right - left, bottom),
        (left, box.height + gap, right, box.height + gap + bottom - top),
    ):
        actual = submission.box_mask(box.height, box.width, outside)
        sentence = (
            f"Box {outside} is outside the {box.width} wide and {box.height} high picture: the mask must be zeros."
        )
        assert_equal(actual, torch.zeros(1, 1, box.height, box.width), sentence)
