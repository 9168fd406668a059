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


def weighted(uncond, text, scale):
    """Return the guided prediction by other algebra: two weights that add up to 1."""
    return (scale * text.double() + (1 - scale) * uncond.double()).to(uncond.dtype)


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


@given(pair=predictions(), scale=SCALES)
def test_scale_says_how_far_to_go(submission, pair, scale):
    """The scale says how far the result lies from the unconditional prediction towards the text prediction."""
    actual = submission.classifier_free_guidance(*pair, scale)
    sentence = (
        f"From noise_pred_uncond the result must lie {scale:g} times as far as noise_pred_text: "
        f"it is {scale:g} * noise_pred_text + {1 - scale:g} * noise_pred_uncond."
    )
    assert_close(actual, weighted(*pair, scale), sentence, like="noise_pred_text")


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
