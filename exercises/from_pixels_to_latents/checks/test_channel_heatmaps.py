"""What heat maps of channels must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.from_pixels_to_latents.checks import _latents as looked_at
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

# Room for a very small number in the denominator, which many add against a division by zero.
TOLERANCE = 1e-4


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    latents = torch.tensor([[[[1.0, 2.0, 5.0]], [[-4.0, 4.0, 0.0]], [[7.0, 7.0, 7.0]]]])
    expected = torch.tensor([[[0.0, 0.25, 1.0]], [[0.0, 1.0, 0.5]], [[0.0, 0.0, 0.0]]])
    actual = submission.channel_heatmaps(latents)
    assert_close(
        actual, expected, "The result must be that of the worked example in the statement.", tolerance=TOLERANCE
    )


@given(latents=looked_at.varied_latents())
def test_every_channel_fills_its_own_range(submission, latents):
    """In every channel the smallest number becomes 0, the largest 1, and the others lie between in proportion."""
    maps = assert_like(submission.channel_heatmaps(latents), latents[0])
    ends = torch.stack([maps.amin(dim=(1, 2)), maps.amax(dim=(1, 2))])
    due = torch.tensor([[0.0], [1.0]], dtype=latents.dtype).expand_as(ends)
    sentence = (
        "Each channel by itself must be stretched so that its smallest number is 0 and its largest 1; "
        "compared here are the smallest and the largest number of each heat map."
    )
    assert_close(ends, due, sentence, tolerance=TOLERANCE)
    smallest, largest = (end(latents[0], dim=(1, 2), keepdim=True) for end in (torch.amin, torch.amax))
    sentence = (
        "Between 0 and 1 a heat map must be in proportion: stretched back to the range of its channel, it must be the "
        "channel. Compared here are the heat maps stretched back."
    )
    assert_close(smallest + maps * (largest - smallest), latents[0], sentence, tolerance=TOLERANCE)


@settings(max_examples=15)
@given(latents=looked_at.varied_latents(), factor=st.integers(1, 20), offset=st.integers(-20, 20))
def test_unit_and_zero_do_not_matter(submission, latents, factor, offset):
    """Latents in other units, or counted from another zero, give the same heat maps."""
    expected = assert_like(submission.channel_heatmaps(latents), latents[0])
    actual = submission.channel_heatmaps(factor * latents + offset)
    sentence = f"{factor} * latents + ({offset}) must give the same heat maps as the latents."
    assert_close(actual, expected, sentence, tolerance=TOLERANCE)


@settings(max_examples=15)
@given(latents=looked_at.varied_latents(), value=st.sampled_from((0.0, 3.25, -2.5)))
def test_constant_channel_is_all_zeros(submission, latents, value):
    """A channel of equal numbers gives zeros, whatever the other channels hold."""
    constant = torch.cat([latents, torch.full_like(latents[:, :1], value)], dim=1)
    actual = assert_like(submission.channel_heatmaps(constant), constant[0])
    sentence = f"The last channel holds nothing but {value}, so its heat map must be all zeros."
    assert_close(actual[-1], torch.zeros_like(actual[-1]), sentence, tolerance=TOLERANCE)


def test_faint_channel_fills_the_range_too(submission):
    """A channel whose numbers differ by 0.1 goes from 0 to 1 like any other."""
    latents = torch.tensor([[[[5.0, 5.05, 5.1]], [[-0.1, 0.0, -0.05]]]])
    expected = torch.tensor([[[0.0, 0.5, 1.0]], [[0.0, 1.0, 0.5]]])
    actual = submission.channel_heatmaps(latents)
    sentence = "Channels from 5 to 5.1 and from -0.1 to 0 must go from 0 to 1."
    assert_close(actual, expected, sentence, tolerance=1e-3)


def test_keeps_channels_and_dtype(submission):
    """The result is [C, h, w] with the dtype of the latents, also for a single channel, row or column."""
    for shape in ((1, 4, 3, 2), (1, 1, 2, 2), (1, 2, 1, 3), (1, 2, 3, 1), (1, 1, 1, 1)):
        for dtype in draw.DTYPES:
            (latents,) = draw.random_tensors(1, shape, dtype, seed=0)
            assert_like(submission.channel_heatmaps(latents), latents[0])


def test_leaves_latents_alone(submission):
    """The latents are the same after the call as before it."""
    (latents,) = draw.random_tensors(1, (1, 2, 2, 2), torch.float32, seed=0)
    after = submission.channel_heatmaps.called_with(latents).arguments
    sentence = "channel_heatmaps must not change its input latents: they are still to be decoded."
    assert_equal(after["latents"], latents, sentence, what="latents after the call")
