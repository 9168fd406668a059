"""What a mask at latent size must be, on real sizes and against the reference."""

import torch
from hypothesis import given, settings

from exercises.img2img_and_inpainting.checks import _masks as draw
from grader.checks import assert_equal
from reference.img2img_and_inpainting._rectangles import rectangle, spans

FACTORS = (2, 3, 4, 6, 7, 8, 16)


@given(pixels=draw.pixel_masks(most_cells=9, scale_factors=FACTORS))
def test_equals_reference(submission, reference, pixels):
    """Up to nine cells a side, odd numbers included, of many sizes give the reference's mask."""
    expected = reference.latent_mask(*pixels)
    actual = submission.latent_mask(*pixels)
    assert_equal(actual, expected, "The top-left pixel of each cell must decide, cut at 0.5.")


@settings(max_examples=10)
@given(box=draw.boxes(place="over", longest_side=80, reach=10))
def test_boxes_cover_the_cells_whose_corner_they_cover(submission, box):
    """A box covers the cells whose top-left pixel lies in it."""
    height, width = (8 * (size // 8 + 1) for size in (box.height, box.width))
    rows, columns = spans(box)
    mask = rectangle(height, width, rows, columns)
    cells = ([place for place in range(size // 8) if 8 * place in span] for size, span in
             ((height, rows), (width, columns)))  # fmt: skip
    expected = rectangle(height // 8, width // 8, *cells)
    actual = submission.latent_mask(mask, 8)
    sentence = f"The box covers rows {rows.start} to {rows.stop - 1} and columns {columns.start} to {columns.stop - 1}."
    assert_equal(actual, expected, sentence)
    assert_equal(
        submission.latent_mask(torch.ones_like(mask), 8), torch.ones_like(expected), "A mask of ones must stay ones."
    )
