"""What a mask at latent size must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.img2img_and_inpainting.checks import _masks as draw
from grader.checks import assert_equal

WORKED = torch.tensor([[[[0.6, 0.0, 0.4, 1.0, 1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0, 0.9, 1.0, 1.0, 1.0]]]])


def spread(latent, scale_factor, others):
    """Return a pixel mask with the numbers of `latent` at the cells' top-left pixels and `others` elsewhere."""
    mask = torch.full((1, 1, *(size * scale_factor for size in latent.shape[-2:])), others, dtype=latent.dtype)
    mask[..., ::scale_factor, ::scale_factor] = latent
    return mask


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    actual = submission.latent_mask(WORKED, 2)
    expected = torch.tensor([[[[1.0, 0.0, 1.0, 0.0]]]])
    assert_equal(actual, expected, "The result must be that of the worked example in the statement.")


@given(decided=draw.decided_masks())
def test_top_left_pixel_decides(submission, decided):
    """Each cell's top-left pixel decides: 1 from 0.5 up, 0 below."""
    mask, factor, latent = decided
    actual = submission.latent_mask(mask, factor)
    sentence = f"The pixel in row i * {factor} and column j * {factor} must decide for row i and column j."
    assert_equal(actual, latent, sentence)


@given(decided=draw.decided_masks(), others=st.sampled_from((0.0, 1.0, 0.5)))
def test_other_pixels_have_no_effect(submission, decided, others):
    """The other pixels of a cell have no effect, not even if they all say the opposite."""
    _, factor, latent = decided
    actual = submission.latent_mask(spread(latent, factor, others), factor)
    sentence = f"The cells' top-left pixels are 0 or 1, all others {others:g}: the result must be those 0 and 1."
    assert_equal(actual, latent, sentence)


def test_one_pixel_of_each_cell(submission):
    """If every cell has a single 1, each at a different place, only the cell with the 1 at the top left becomes 1."""
    factors = (2, 3, 4)
    masks = []
    for factor in factors:
        mask = torch.zeros(1, 1, factor**2, factor**2)
        for row in range(factor):
            for column in range(factor):
                mask[0, 0, row * factor + row, column * factor + column] = 1.0
        masks.append(mask)
    found = [submission.latent_mask(mask, factor) for mask, factor in zip(masks, factors, strict=True)]
    for factor, actual in zip(factors, found, strict=True):
        expected = torch.zeros(1, 1, factor, factor)
        expected[0, 0, 0, 0] = 1.0
        sentence = (
            f"With scale_factor {factor} the cell in row i and column j has its single 1 at its own pixel in row i and "
            "column j: only the first cell has it at the top left."
        )
        assert_equal(actual, expected, sentence)


@settings(max_examples=15)
@given(decided=draw.decided_masks(most_cells=5, scale_factors=(1,)))
def test_factor_one_only_cuts(submission, decided):
    """With scale_factor 1 every pixel is a cell: the mask is cut to 0 and 1, and that is all."""
    actual = submission.latent_mask(decided.mask, 1)
    assert_equal(actual, decided.latent, "Every pixel must be cut at 0.5 by itself.")


def test_half_counts_as_repaint(submission):
    """Exactly 0.5 counts as 1, and 0.499 as 0."""
    for number, expected in ((0.5, 1.0), (0.499, 0.0)):
        actual = submission.latent_mask(torch.full((1, 1, 4, 4), number), 2)
        assert_equal(actual, torch.full((1, 1, 2, 2), expected), f"Pixels of {number} must give {expected:g}.")


def test_leaves_mask_alone(submission):
    """The mask is the same after the call as before it."""
    for factor in (1, 2):
        after = submission.latent_mask.called_with(WORKED, factor).arguments["mask"]
        sentence = "latent_mask must not change its input: the mask of pixels is needed as well."
        assert_equal(after, WORKED, sentence, what="mask after the call")
