"""What a straight line between latents must be, on real shapes and against the reference."""

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import assert_close, assert_like
from grader.checks import strategies as draw

WEIGHTS = st.integers(-200, 300).map(lambda part: part / 100)
LATENTS = ((1, 4, 4, 4), (2, 4, 3, 2), (4, 8))


@st.composite
def pairs(draw_from):
    """Draw two latents of one shape, float32 or float64."""
    shape, dtype, seed = draw_from(draw.shapes(LATENTS)), draw_from(draw.dtypes()), draw_from(draw.seeds())
    return draw.random_tensors(2, shape, dtype, seed)


@settings(max_examples=15)
@given(pair=pairs(), weight=WEIGHTS)
def test_equals_reference(submission, reference, pair, weight):
    """Batches of latents give the reference's result for any weight."""
    expected = reference.interpolate_latents(*pair, weight)
    actual = submission.interpolate_latents(*pair, weight)
    assert_close(actual, expected, "Every number must follow the formula of the statement.", like="z_a")


@settings(max_examples=15)
@given(pair=pairs(), weight=WEIGHTS)
def test_ways_there_and_back_meet(submission, pair, weight):
    """Starting at the other end, the rest of the way leads to the same point."""
    there = assert_like(submission.interpolate_latents(*pair, weight), pair[0], like="z_a")
    back = submission.interpolate_latents(pair[1], pair[0], 1 - weight)
    sentence = (
        f"From z_b to z_a with weight {1 - weight:g} the result must be that from z_a to z_b with weight {weight:g}."
    )
    assert_close(back, there, sentence, like="z_a")
