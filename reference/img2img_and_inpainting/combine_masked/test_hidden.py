"""What combining under a mask must do, on wider draws and against the reference."""

from hypothesis import given

from exercises.img2img_and_inpainting.checks import _masks as draw
from grader.checks import assert_close, assert_like


@given(blend=draw.blends(longest_side=8))
def test_equals_reference(submission, reference, blend):
    """Soft masks on pictures of any size, wide or tall, give the reference's result."""
    expected = reference.combine_masked(*blend)
    actual = submission.combine_masked(*blend)
    assert_close(actual, expected, "Every place must follow the formula of the statement.", like="denoised")


@given(blend=draw.blends())
def test_swapped_pictures_add_up(submission, blend):
    """Blending the other way round gives what is missing: the two results add up to the two pictures."""
    mask, denoised, original = blend
    there = assert_like(submission.combine_masked(mask, denoised, original), denoised, like="denoised")
    back = assert_like(submission.combine_masked(mask, original, denoised), denoised, like="denoised")
    sentence = "What one blend takes from denoised, the blend with the pictures swapped must leave there."
    assert_close(there / 2 + back / 2, (denoised + original) / 2, sentence, like="denoised")
