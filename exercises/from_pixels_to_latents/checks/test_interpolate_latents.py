"""What a straight line between latents must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

HUNDREDTHS = 100
HALF_WAY = st.integers(1, 50).map(lambda part: part / HUNDREDTHS)
BEYOND = st.integers(1, 200).map(lambda part: part / HUNDREDTHS)


@st.composite
def pairs(draw_from):
    """Draw two latents of one shape, float32 or float64."""
    shape, dtype, seed = draw_from(draw.shapes()), draw_from(draw.dtypes()), draw_from(draw.seeds())
    return draw.random_tensors(2, shape, dtype, seed)


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


@given(pair=pairs(), weight=HALF_WAY)
def test_between_the_ends_the_line_is_straight(submission, pair, weight):
    """Between the ends twice the weight goes twice as far from the first latent, in the same direction."""
    z_a, _ = pair
    once, twice = (
        assert_like(submission.interpolate_latents(*pair, by), z_a, like="z_a") for by in (weight, 2 * weight)
    )
    sentence = (
        f"On a straight line the result for weight {weight:g} must lie halfway between z_a and the result for weight "
        f"{2 * weight:g}."
    )
    assert_close(once, (z_a + twice) / 2, sentence, like="z_a")


@given(pair=pairs(), beyond=BEYOND)
def test_line_goes_on_beyond_the_ends(submission, pair, beyond):
    """Below 0 and above 1 the line goes on beyond its ends, as far as it comes back on this side of them."""
    for end, name, weights in ((pair[0], "z_a", (-beyond, beyond)), (pair[1], "z_b", (1 + beyond, 1 - beyond))):
        outside, inside = (
            assert_like(submission.interpolate_latents(*pair, weight), pair[0], like="z_a") for weight in weights
        )
        sentence = (
            f"{name} must lie in the middle between the results for weights {weights[0]:g} and {weights[1]:g}; "
            "this middle is compared here."
        )
        assert_close(outside / 2 + inside / 2, end, sentence, like="z_a")


def test_keeps_dtype_and_leaves_inputs_alone(submission):
    """The result has the dtype of the latents, and the latents are the same after the call as before it."""
    for dtype in draw.DTYPES:
        z_a, z_b = draw.random_tensors(2, (1, 2, 2, 3), dtype, seed=0)
        after = submission.interpolate_latents.called_with(z_a, z_b, 0.25)
        assert_like(after.result, z_a, like="z_a")
        for name, before in (("z_a", z_a), ("z_b", z_b)):
            sentence = f"interpolate_latents must not change its input {name}: the next weight needs it."
            assert_equal(after.arguments[name], before, sentence, what=f"{name} after the call")
