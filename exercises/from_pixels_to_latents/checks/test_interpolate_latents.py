"""What a straight line between latents must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

HUNDREDTHS = 100
INSIDE = st.integers(1, 99).map(lambda part: part / HUNDREDTHS)
OUTSIDE = (st.integers(-200, -1) | st.integers(101, 300)).map(lambda part: part / HUNDREDTHS)


@st.composite
def pairs(draw_from):
    """Draw two latents of one shape, float32 or float64."""
    shape, dtype, seed = draw_from(draw.shapes()), draw_from(draw.dtypes()), draw_from(draw.seeds())
    return draw.random_tensors(2, shape, dtype, seed)


def from_the_first(z_a, z_b, weight):
    """Return the same point by other algebra: start at z_a, go the weight's part of the way."""
    return (z_a.double() + weight * (z_b.double() - z_a.double())).to(z_a.dtype)


def test_worked_examples(submission):
    """The function reproduces the worked examples of the statement: a quarter of the way, and beyond both ends."""
    z_a, z_b = torch.tensor([2.0, 0.0]), torch.tensor([6.0, 1.0])
    for weight, expected in ((0.25, [3.0, 0.25]), (1.5, [8.0, 1.5]), (-0.5, [0.0, -0.5])):
        actual = submission.interpolate_latents(z_a, z_b, weight)
        sentence = f"The result must be that of the worked example for weight {weight}."
        assert_close(actual, torch.tensor(expected), sentence)


@settings(max_examples=10)
@given(pair=pairs())
def test_ends_are_the_latents(submission, pair):
    """Weight 0 gives the first latent, weight 1 the second."""
    for weight, expected, name in ((0.0, pair[0], "z_a"), (1.0, pair[1], "z_b")):
        actual = submission.interpolate_latents(*pair, weight)
        assert_close(actual, expected, f"With weight {weight:g} the result must be {name}.", like="z_a")


@given(pair=pairs(), weight=INSIDE)
def test_between_the_ends_the_line_is_straight(submission, pair, weight):
    """Between the ends the weight says how far the result lies from the first latent towards the second."""
    actual = submission.interpolate_latents(*pair, weight)
    sentence = f"The result must lie {weight:g} of the way from z_a to z_b, on a straight line."
    assert_close(actual, from_the_first(*pair, weight), sentence, like="z_a")


@given(pair=pairs(), weight=OUTSIDE)
def test_line_goes_on_beyond_the_ends(submission, pair, weight):
    """Below 0 and above 1 the line goes on beyond its ends."""
    actual = submission.interpolate_latents(*pair, weight)
    sentence = f"The weight {weight:g} is beyond the ends: the result must be as far beyond, on the same line."
    assert_close(actual, from_the_first(*pair, weight), sentence, like="z_a")


def test_keeps_dtype_and_leaves_inputs_alone(submission):
    """The result has the dtype of the latents, and the latents are the same after the call as before it."""
    for dtype in draw.DTYPES:
        z_a, z_b = draw.random_tensors(2, (1, 2, 2, 3), dtype, seed=0)
        after = submission.interpolate_latents.called_with(z_a, z_b, 0.25)
        assert_like(after.result, z_a, like="z_a")
        for name, before in (("z_a", z_a), ("z_b", z_b)):
            sentence = f"interpolate_latents must not change its input {name}: the next weight needs it."
            assert_equal(after.arguments[name], before, sentence, what=f"{name} after the call")
