"""What combining under a mask must do, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.img2img_and_inpainting.checks import _masks
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

SHARES = 1e-4  # for float64 too: a blend in float32 is as good


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    mask = torch.tensor([[[[0.0, 0.25, 1.0]]]])
    denoised, original = torch.full((1, 1, 1, 3), 8.0), torch.full((1, 1, 1, 3), 4.0)
    actual = submission.combine_masked(mask, denoised, original)
    expected = torch.tensor([[[[4.0, 5.0, 8.0]]]])
    assert_close(actual, expected, "The result must be that of the worked example in the statement.", like="denoised")


@settings(max_examples=10)
@given(blend=_masks.blends(kind="full"))
def test_full_mask_gives_denoised(submission, blend):
    """A mask of ones repaints everything: the result is denoised."""
    actual = submission.combine_masked(*blend)
    assert_close(actual, blend.denoised, "With ones everywhere the result must be denoised.", like="denoised")


@settings(max_examples=10)
@given(blend=_masks.blends(kind="empty"))
def test_empty_mask_gives_original(submission, blend):
    """A mask of zeros keeps everything: the result is the original."""
    actual = submission.combine_masked(*blend)
    assert_close(actual, blend.original, "With zeros everywhere the result must be original.", like="denoised")


@given(blend=_masks.blends(fewest=2), gap=st.sampled_from((8.0, -16.0, 64.0)))
def test_soft_mask_blends(submission, blend, gap):
    """Between 0 and 1 the mask says how far to go from the original towards denoised."""
    denoised = blend.original + gap
    result = submission.combine_masked(blend.mask, denoised, blend.original)
    actual = (assert_like(result, denoised, like="denoised") - blend.original) / gap
    sentence = (
        f"denoised is original + {gap:g} here, so that (result - original) / {gap:g} says how far the result lies from "
        "original towards denoised. It must be the mask, in every place, picture and channel."
    )
    assert_close(actual, blend.mask.expand_as(denoised), sentence, tolerance=SHARES)


@settings(max_examples=10)
@given(blend=_masks.blends())
def test_every_picture_and_channel_alike(submission, blend):
    """The one mask holds for every picture and channel: each gives the same result alone as in the batch."""
    together = assert_like(submission.combine_masked(*blend), blend.denoised, like="denoised")
    last = (slice(-1, None), slice(-1, None))
    alone = submission.combine_masked(blend.mask, blend.denoised[last], blend.original[last])
    sentence = "The last channel of the last picture must give the same result alone as in the batch."
    assert_close(alone, together[last], sentence, like="denoised")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    denoised, original = draw.random_tensors(2, (2, 3, 2, 2), torch.float32, seed=0)
    blend = _masks.Blend(_masks.make_mask("soft", 2, 2).float(), denoised, original)
    after = submission.combine_masked.called_with(*blend).arguments
    for name, before in blend._asdict().items():
        sentence = f"combine_masked must not change its input {name}: the next step needs it."
        assert_equal(after[name], before, sentence, what=f"{name} after the call")
