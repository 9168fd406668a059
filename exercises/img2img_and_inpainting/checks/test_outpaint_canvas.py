"""What a canvas to paint on must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from torch.nn.functional import max_pool2d

from exercises.img2img_and_inpainting.checks import _canvases as draw
from grader.checks import assert_equal
from grader.checks.assertions import assert_items
from grader.checks.images import assert_picture, pixels

NAMES = ("canvas", "mask")


def outpainted(submission, drawn):
    """Call the student's function and return the canvas's pixels [H, W, 3] and the mask."""
    canvas, mask = assert_items(submission.outpaint_canvas(*drawn), NAMES)
    width, height = drawn.size
    return assert_picture(canvas, width=width, height=height, what="The canvas"), mask


def within_reach(drawn):
    """Return the mask by other means: every pixel from which a new one is at most `overlap` pixels away."""
    reach = drawn.overlap
    return max_pool2d(torch.nn.functional.pad(drawn.new, [reach] * 4), 2 * reach + 1, stride=1)


def grown(drawn):
    """Return in words by how much the canvas grows."""
    sides = ", ".join(f"{name} {pixels}" for name in draw.SIDES if (pixels := getattr(drawn, name)))
    return f"Grown by {sides or 'nothing'}, with overlap {drawn.overlap}"


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    drawn = draw.Canvas(draw.make_image(4, 2), 2, 0, 0, 0, 1)
    canvas, mask = outpainted(submission, drawn)
    expected = torch.tensor([[[[1.0, 1, 1, 0, 0, 0]] * 2]])
    assert_equal(mask, expected, "The mask must be that of the worked example.", what="The mask")
    colours = torch.cat([torch.full((2, 2, 3), 128, dtype=torch.uint8), pixels(drawn.image)], dim=1)
    assert_equal(canvas, colours, "The canvas must be that of the worked example.", what="The canvas")


@given(drawn=draw.canvases())
def test_picture_stands_unchanged(submission, drawn):
    """The picture stands in the canvas unchanged, `left` pixels from the left and `top` from the top."""
    canvas, _ = outpainted(submission, drawn)
    sentence = f"{grown(drawn)}: the picture must start at column {drawn.left} and row {drawn.top}, unchanged."
    assert_equal(canvas[drawn.old], pixels(drawn.image), sentence, what="The picture in the canvas")


@given(drawn=draw.canvases())
def test_new_pixels_are_grey(submission, drawn):
    """All new pixels are mid-grey, (128, 128, 128)."""
    canvas, _ = outpainted(submission, drawn)
    colours = canvas[drawn.new[0, 0].bool()]
    sentence = f"{grown(drawn)}: every new pixel must be (128, 128, 128)."
    assert_equal(colours, torch.full_like(colours, 128), sentence, what="The list of new pixels")


@given(drawn=draw.canvases(overlaps=(0, 0)))
def test_mask_is_what_is_new(submission, drawn):
    """Without overlap the mask is 1 on all that is new and 0 on the picture."""
    _, mask = outpainted(submission, drawn)
    assert_equal(mask, drawn.new, f"{grown(drawn)}: the mask must be 1 on exactly the new pixels.", what="The mask")


@settings(max_examples=25)
@given(drawn=draw.canvases(overlaps=(1, 3)))
def test_overlap_reaches_into_the_picture(submission, drawn):
    """The overlap reaches into the picture, from the sides that grow and from no other."""
    _, mask = outpainted(submission, drawn)
    sentence = f"{grown(drawn)}: the mask must reach {drawn.overlap} into the picture from the sides that grow."
    assert_equal(mask, within_reach(drawn), sentence, what="The mask")


@settings(max_examples=8)
@given(drawn=draw.canvases(growth="none"))
def test_nothing_grows(submission, drawn):
    """If no side grows, the canvas is like the picture and the mask is all zeros."""
    canvas, mask = outpainted(submission, drawn)
    assert_equal(canvas, pixels(drawn.image), "If nothing grows, the canvas must be the picture.", what="The canvas")
    expected = torch.zeros_like(drawn.new)
    assert_equal(
        mask, expected, "If nothing grows, there is nothing to paint: the mask must be all zeros.", what="The mask"
    )


def test_leaves_image_alone(submission):
    """The image is the same after the call as before it."""
    for drawn in (draw.Canvas(draw.make_image(3, 2), 1, 1, 1, 1, 1), draw.Canvas(draw.make_image(3, 2), 0, 0, 0, 0, 1)):
        after = submission.outpaint_canvas.called_with(*drawn).arguments["image"]
        sentence = "outpaint_canvas must not change its input image: paint on a new one."
        assert_equal(pixels(after), pixels(drawn.image), sentence, what="image after the call")
