"""What feathering a mask must do, on larger masks and against the reference."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.img2img_and_inpainting.checks import _masks as draw
from grader.checks import assert_close, assert_like

SOFT = 1e-4  # for float64 too: running sums in float32 are as good a way to take means


@given(feather=draw.feathers(longest_side=24, most=9))
def test_equals_reference(submission, reference, feather):
    """Masks of up to 24 by 24 and radii of up to 9 give the reference's mask."""
    expected = reference.feather_mask(*feather)
    actual = submission.feather_mask(*feather)
    assert_close(
        actual, expected, "Every number must be the mean of its window, edge replicated.", tolerance=SOFT, like="mask"
    )


@settings(max_examples=10)
@given(feather=draw.feathers(longest_side=4), more=st.integers(4, 12))
def test_radius_may_exceed_the_picture(submission, reference, feather, more):
    """A radius larger than the picture works: the window then holds mostly repeated border."""
    radius = feather.radius + more
    expected = reference.feather_mask(feather.mask, radius)
    actual = submission.feather_mask(feather.mask, radius)
    assert_close(
        actual, expected, "The border must be repeated as often as the window needs it.", tolerance=SOFT, like="mask"
    )


@settings(max_examples=10)
@given(feather=draw.feathers())
def test_inverted_mask_gives_inverted_edge(submission, feather):
    """The edge is soft alike on both sides: the inverted mask gives the inverted result."""
    mask, radius = feather
    there = assert_like(submission.feather_mask(mask, radius), mask, like="mask")
    inverted = submission.feather_mask(1 - mask, radius)
    sentence = "Feathering must treat what is repainted and what is kept alike: 1 - mask gives 1 - result."
    assert_close(inverted, 1 - there, sentence, tolerance=SOFT, like="mask")
