"""What feathering a mask must do, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.img2img_and_inpainting.checks import _masks as draw
from grader.checks import assert_close, assert_equal, assert_like

SOFT = 1e-4  # for float64 too: running sums in float32 are as good a way to take means


def test_worked_example(submission):
    """The function reproduces the worked example of the statement, as a row and as a column."""
    mask = torch.tensor([0.0, 0, 0, 1, 1, 1])
    for radius, expected in ((1, [0, 0, 1 / 3, 2 / 3, 1, 1]), (2, [0, 0.2, 0.4, 0.6, 0.8, 1])):
        for shape in ((1, 1, 1, 6), (1, 1, 6, 1)):
            actual = submission.feather_mask(mask.reshape(shape), radius)
            sentence = f"The result must be that of the worked example for radius {radius}, as a row and as a column."
            assert_close(actual, torch.tensor(expected).reshape(shape), sentence, tolerance=SOFT, like="mask")


@settings(max_examples=15)
@given(feather=draw.feathers(shortest_side=3), row=st.integers(0, 99), column=st.integers(0, 99))
def test_single_place_spreads_over_its_window(submission, feather, row, column):
    """A single 1 that is not at the border reaches every place whose window holds it, with equal weight."""
    mask, radius = torch.zeros_like(feather.mask), feather.radius
    height, width = mask.shape[-2:]
    row, column = 1 + row % (height - 2), 1 + column % (width - 2)
    mask[0, 0, row, column] = 1.0
    weight = 1 / (2 * radius + 1) ** 2
    expected = torch.zeros_like(mask)
    expected[0, 0, max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1] = weight
    actual = submission.feather_mask(mask, radius)
    sentence = (
        f"The mask holds a single 1, at [0, 0, {row}, {column}]. Every place at most {radius} rows and {radius} "
        f"columns away must get 1/{(2 * radius + 1) ** 2} of it, and all others 0."
    )
    assert_close(actual, expected, sentence, tolerance=SOFT, like="mask")


@settings(max_examples=15)
@given(radius=st.integers(1, 4), columns=st.booleans(), at_the_end=st.booleans())
def test_border_is_repeated_outwards(submission, radius, columns, at_the_end):
    """A row or column of ones at the border counts for all that lies beyond it."""
    mask = torch.zeros(1, 1, radius + 2, 2)
    mask[..., 0, :] = 1.0
    ramp = (torch.arange(radius + 1, -1, -1) / (2 * radius + 1))[:, None].expand_as(mask)
    if at_the_end:
        mask, ramp = mask.flip(2), ramp.flip(2)
    if columns:
        mask, ramp = mask.mT.contiguous(), ramp.mT
    actual = submission.feather_mask(mask, radius)
    sentence = (
        f"Only the border is 1. It is repeated outwards, so that it counts {radius + 1} times in its own windows, and "
        "once less with every place that the window is farther inside."
    )
    assert_close(actual, ramp, sentence, tolerance=SOFT, like="mask")


@settings(max_examples=10)
@given(feather=draw.feathers())
def test_parts_of_a_mask_add_up(submission, feather):
    """Feathered apart, the left and the right half of a mask add up to the mask feathered as a whole."""
    left = feather.mask.clone()
    left[..., left.shape[-1] // 2 :] = 0
    halves = [
        assert_like(submission.feather_mask(part, feather.radius), feather.mask, like="mask")
        for part in (left, feather.mask - left)
    ]
    sentence = "A mean is a sum: what two halves of the mask give must add up to what the whole mask gives."
    assert_close(submission.feather_mask(*feather), sum(halves), sentence, tolerance=SOFT, like="mask")


@settings(max_examples=10)
@given(feather=draw.feathers(least=0, most=0))
def test_radius_zero_changes_nothing(submission, feather):
    """With radius 0 the mask stays as it is, soft numbers included."""
    actual = submission.feather_mask(*feather)
    assert_close(
        actual,
        feather.mask,
        "With radius 0 every number must stay as it is: it is the mean of its own window.",
        tolerance=SOFT,
        like="mask",
    )


@settings(max_examples=10)
@given(feather=draw.feathers(), level=st.sampled_from((1.0, 0.25)))
def test_even_mask_stays_even(submission, feather, level):
    """A mask that is the same everywhere stays as it is, right up to the border."""
    mask = torch.full_like(feather.mask, level)
    actual = submission.feather_mask(mask, feather.radius)
    assert_close(
        actual,
        mask,
        f"In a mask of nothing but {level} every mean must be {level}, at the border as well.",
        tolerance=SOFT,
        like="mask",
    )


@settings(max_examples=15)
@given(feather=draw.feathers())
def test_stays_between_0_and_1(submission, feather):
    """All numbers stay between the smallest and the largest of the mask."""
    actual = assert_like(submission.feather_mask(*feather), feather.mask, like="mask")
    least, most = feather.mask.min().item(), feather.mask.max().item()
    sentence = f"A mean of numbers from {least:g} to {most:g} must not lie outside this range."
    assert_close(actual, actual.clamp(least, most), sentence, tolerance=SOFT, like="mask")


@settings(max_examples=12)
@given(radius=st.integers(1, 4), columns=st.booleans())
def test_edge_is_a_ramp(submission, radius, columns):
    """Across a straight edge the mask rises evenly, and farther from it than radius it stays as it was."""
    side = 2 * radius + 2
    mask = torch.zeros(1, 1, 2 * side, 2)
    mask[..., side:, :] = 1.0
    steps = torch.arange(2 * side) - side + 1 + radius
    ramp = (steps / (2 * radius + 1)).clamp(0, 1)[:, None].expand_as(mask)
    if columns:
        mask, ramp = mask.mT.contiguous(), ramp.mT
    actual = submission.feather_mask(mask, radius)
    sentence = f"Across the edge the mask must rise by 1/{2 * radius + 1} from place to place, and nowhere else."
    assert_close(actual, ramp, sentence, tolerance=SOFT, like="mask")


def test_leaves_mask_alone(submission):
    """The mask is the same after the call as before it."""
    mask = draw.make_mask("soft", 3, 4).float()
    for radius in (0, 1):
        after = submission.feather_mask.called_with(mask, radius).arguments["mask"]
        sentence = "feather_mask must not change its input: the hard mask is needed as well."
        assert_equal(after, mask, sentence, what="mask after the call")
