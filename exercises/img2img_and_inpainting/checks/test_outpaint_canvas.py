"""What a canvas to paint on must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises.img2img_and_inpainting.checks import _canvases as draw
from grader.checks import assert_equal, assert_like
from grader.checks.assertions import assert_items
from grader.checks.images import assert_picture, pixels

NAMES = ("canvas", "mask")


def outpainted(submission, drawn):
    """Call the student's function and return the canvas's pixels [H, W, 3] and the mask."""
    canvas, mask = assert_items(submission.outpaint_canvas(*drawn), NAMES)
    width, height = drawn.size
    return assert_picture(canvas, width=width, height=height, what="The canvas"), mask


def kept_places(size, before, after, overlap):
    """Return the rows or columns of the canvas that are kept, of `size` old ones, grown by `before` and `after`."""
    first = before + (overlap if before else 0)
    return list(range(first, before + size - (overlap if after else 0)))


def assert_kept(mask, drawn, sentence):
    """Raise `CheckFailure` unless a mask is 0 in just the part of the picture that no overlap reaches, else 1."""
    width, height = drawn.size
    mask = assert_like(mask, torch.zeros(1, 1, height, width), what="The mask")[0, 0]
    either = int(((mask == 0) | (mask == 1)).sum())
    assert_equal(either, mask.numel(), "Every number of the mask must be 0 or 1; this check counts those that are.")
    rows = kept_places(drawn.image.height, drawn.top, drawn.bottom, drawn.overlap)
    columns = kept_places(drawn.image.width, drawn.left, drawn.right, drawn.overlap)
    if not (rows and columns):
        rows, columns = [], []
    for name, across, due in (("rows", 1, rows), ("columns", 0, columns)):
        found = (mask.amin(dim=across) == 0).nonzero().flatten().tolist()
        assert_equal(found, due, f"{sentence} Compared here are the {name} that hold a 0.")
    assert_equal(int((mask == 0).sum()), len(rows) * len(columns), f"{sentence} This check counts the zeros.")


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
    width, height = drawn.size
    grey = int((canvas == 128).all(dim=-1).sum())
    sentence = (
        f"{grown(drawn)}: every new pixel must be (128, 128, 128). The picture has no pixel of this colour; "
        "this check counts those of the canvas."
    )
    assert_equal(grey, width * height - drawn.image.width * drawn.image.height, sentence)


@given(drawn=draw.canvases(overlaps=(0, 0)))
def test_mask_is_what_is_new(submission, drawn):
    """Without overlap the mask is 1 on all that is new and 0 on the picture."""
    _, mask = outpainted(submission, drawn)
    assert_kept(mask, drawn, f"{grown(drawn)}: the mask must be 1 on exactly the new pixels.")


@settings(max_examples=25)
@given(drawn=draw.canvases(overlaps=(1, 3)))
def test_overlap_reaches_into_the_picture(submission, drawn):
    """The overlap reaches into the picture, from the sides that grow and from no other."""
    _, mask = outpainted(submission, drawn)
    sentence = f"{grown(drawn)}: the mask must reach {drawn.overlap} into the picture from the sides that grow."
    assert_kept(mask, drawn, sentence)


@settings(max_examples=8)
@given(drawn=draw.canvases(growth="none"))
def test_nothing_grows(submission, drawn):
    """If no side grows, the canvas is like the picture and the mask is all zeros."""
    canvas, mask = outpainted(submission, drawn)
    assert_equal(canvas, pixels(drawn.image), "If nothing grows, the canvas must be the picture.", what="The canvas")
    expected = torch.zeros(1, 1, drawn.image.height, drawn.image.width)
    assert_equal(
        mask, expected, "If nothing grows, there is nothing to paint: the mask must be all zeros.", what="The mask"
    )


def test_leaves_image_alone(submission):
    """The image is the same after the call as before it."""
    for drawn in (draw.Canvas(draw.make_image(3, 2), 1, 1, 1, 1, 1), draw.Canvas(draw.make_image(3, 2), 0, 0, 0, 0, 1)):
        after = submission.outpaint_canvas.called_with(*drawn).arguments["image"]
        sentence = "outpaint_canvas must not change its input image: paint on a new one."
        assert_equal(pixels(after), pixels(drawn.image), sentence, what="image after the call")
