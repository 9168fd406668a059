"""What guidance must do, on pictures, between scales, and against the reference."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import assert_close, assert_like
from grader.checks import strategies as draw
from reference.sampling_and_generation._real import assert_run_ends_right

SCALES = st.integers(0, 2000).map(lambda hundredths: hundredths / 100)
PICTURES = ((1, 4, 4, 4), (2, 4, 3, 2))


@st.composite
def predictions(draw_from):
    """Draw the two predictions for pictures, float32 or float64."""
    shape, dtype, seed = draw_from(draw.shapes(PICTURES)), draw_from(draw.dtypes()), draw_from(draw.seeds())
    return draw.random_tensors(2, shape, dtype, seed)


@settings(max_examples=15)
@given(pair=predictions(), scale=SCALES)
def test_equals_reference_on_pictures(submission, reference, pair, scale):
    """Batches of latents give the reference's result at any scale."""
    expected = reference.classifier_free_guidance(*pair, scale)
    actual = submission.classifier_free_guidance(*pair, scale)
    assert_close(actual, expected, "Every place must follow the formula of the statement.", like="noise_pred_text")


@settings(max_examples=15)
@given(pair=predictions(), low=SCALES, high=SCALES)
def test_half_the_scale_is_half_the_way(submission, pair, low, high):
    """Halfway between two scales the result lies halfway between their results, below 1 as above."""
    for far in (high, low + 1):
        ends = [
            assert_like(submission.classifier_free_guidance(*pair, scale), pair[1], like="noise_pred_text")
            for scale in (low, far)
        ]
        middle = (low + far) / 2
        actual = submission.classifier_free_guidance(*pair, middle)
        sentence = f"The result for scale {middle:g} must lie halfway between those for {low:g} and {far:g}."
        assert_close(actual, ends[0] / 2 + ends[1] / 2, sentence, like="noise_pred_text")


@pytest.mark.tier("gpu")
def test_guides_a_real_run(submission, judge_sd):
    """On a real model, a whole run that it guides ends where diffusers' pipeline does."""
    sentence = "A run on the real model that is guided at every step must end with StableDiffusionPipeline's latents."
    assert_run_ends_right(judge_sd, sentence, guide=submission.classifier_free_guidance)
