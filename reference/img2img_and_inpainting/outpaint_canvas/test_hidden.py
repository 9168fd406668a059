"""What a canvas to paint on must be, on larger pictures and against the reference."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.img2img_and_inpainting.checks import _canvases as draw
from grader.checks import assert_equal
from grader.checks.assertions import assert_items
from grader.checks.images import assert_picture, pixels

NAMES = ("canvas", "mask")


def outpainted(function, drawn):
    """Call a function and return the canvas's pixels [H, W, 3] and the mask."""
    canvas, mask = assert_items(function(*drawn), NAMES)
    width, height = drawn.size
    return assert_picture(canvas, width=width, height=height, what="The canvas"), mask


@given(drawn=draw.canvases(longest_side=40, most=24, overlaps=(0, 12)))
def test_equals_reference_on_large_pictures(submission, reference, drawn):
    """Pictures of up to 40 pixels that grow by up to 24 a side give the reference's canvas and mask."""
    colours, expected = outpainted(reference.outpaint_canvas, drawn)
    canvas, mask = outpainted(submission.outpaint_canvas, drawn)
    assert_equal(canvas, colours, "The canvas must be the picture on grey, in its place.", what="The canvas")
    assert_equal(
        mask, expected, "The mask must be 1 on the new pixels and on the overlap, and nowhere else.", what="The mask"
    )


@settings(max_examples=10)
@given(drawn=draw.canvases(longest_side=4, overlaps=(4, 7)), pixels_grown=st.integers(5, 8))
def test_overlap_may_exceed_the_picture(submission, reference, drawn, pixels_grown):
    """An overlap larger than the picture covers it all, and its pixels stay in the canvas."""
    none = dict.fromkeys(draw.SIDES, 0)
    for grown in ({}, *(none | {side: pixels_grown} for side in draw.SIDES)):
        asked = drawn._replace(**grown)
        _, expected = outpainted(reference.outpaint_canvas, asked)
        canvas, mask = outpainted(submission.outpaint_canvas, asked)
        sentence = (
            f"An overlap of {asked.overlap} must cover the picture of {asked.image.width} by {asked.image.height}."
        )
        assert_equal(mask, expected, sentence, what="The mask")
        sentence = "The overlap changes the mask only: the picture must stand in the canvas unchanged."
        assert_equal(canvas[asked.old], pixels(asked.image), sentence, what="The picture in the canvas")


@settings(max_examples=10)
@given(drawn=draw.canvases(growth="one side", overlaps=(0, 3)))
def test_one_side_grows(submission, reference, drawn):
    """Each side by itself grows where it should, and only there."""
    _, expected = outpainted(reference.outpaint_canvas, drawn)
    _, mask = outpainted(submission.outpaint_canvas, drawn)
    assert_equal(mask, expected, "Only one side grows, and the overlap must reach in only from there.", what="The mask")
