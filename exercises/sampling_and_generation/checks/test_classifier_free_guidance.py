"""What guidance must do, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

# Scale 2 comes first, where nothing is special: failures shrink to it.
SCALES = (st.integers(200, 2000) | st.integers(2, 199)).map(lambda hundredths: hundredths / 100)


@st.composite
def predictions(draw_from):
    """Draw the two predictions, of any shape, float32 or float64."""
    shape, dtype, seed = draw_from(draw.shapes()), draw_from(draw.dtypes()), draw_from(draw.seeds())
    return draw.random_tensors(2, shape, dtype, seed)


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    actual = submission.classifier_free_guidance(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 1.0]), 7.5)
    assert_close(actual, torch.tensor([16.0, -5.5]), "The result must be that of the worked example in the statement.")


@settings(max_examples=10)
@given(pair=predictions())
def test_scale_1_is_the_text_prediction(submission, pair):
    """At scale 1 the result is the prediction with the prompt."""
    actual = submission.classifier_free_guidance(*pair, 1.0)
    assert_close(actual, pair[1], "With guidance_scale = 1 the result must be noise_pred_text.")


@settings(max_examples=10)
@given(pair=predictions())
def test_scale_0_is_the_unconditional_prediction(submission, pair):
    """At scale 0 the result is the prediction without a prompt."""
    actual = submission.classifier_free_guidance(*pair, 0.0)
    assert_close(actual, pair[0], "With guidance_scale = 0 the result must be noise_pred_uncond.")


@settings(max_examples=20)
@given(pair=predictions(), scale=SCALES)
def test_twice_the_scale_goes_twice_as_far(submission, pair, scale):
    """Twice the scale goes twice as far from the unconditional prediction, and in the same direction."""
    once, twice = (
        assert_like(submission.classifier_free_guidance(*pair, by), pair[1], like="noise_pred_text")
        for by in (scale, 2 * scale)
    )
    sentence = (
        f"The result for scale {scale:g} must lie halfway between noise_pred_uncond and the result for {2 * scale:g}; "
        f"compared here is how far they lie from noise_pred_uncond, the second by half."
    )
    assert_close(once - pair[0], (twice - pair[0]) / 2, sentence)


@settings(max_examples=10)
@given(pair=predictions(), scale=SCALES)
def test_a_prompt_that_changes_nothing_guides_nowhere(submission, pair, scale):
    """If both predictions are equal, the result equals them, at any scale."""
    uncond = pair[0]
    actual = submission.classifier_free_guidance(uncond, uncond.clone(), scale)
    sentence = f"Both predictions are the same here, so the result must equal them, also with scale {scale:g}."
    assert_close(actual, uncond, sentence, like="noise_pred_text")


def test_keeps_dtype_and_leaves_inputs_alone(submission):
    """The result has the dtype of the predictions, and the predictions are the same after the call as before it."""
    for dtype in draw.DTYPES:
        uncond, text = draw.random_tensors(2, (2, 3), dtype, seed=0)
        after = submission.classifier_free_guidance.called_with(uncond, text, 7.5)
        assert_like(after.result, uncond, like="noise_pred_uncond")
        for name, before in (("noise_pred_uncond", uncond), ("noise_pred_text", text)):
            sentence = f"classifier_free_guidance must not change its input {name}."
            assert_equal(after.arguments[name], before, sentence, what=f"{name} after the call")
