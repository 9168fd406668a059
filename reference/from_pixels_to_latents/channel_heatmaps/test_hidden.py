"""What heat maps of channels must be, on larger latents and against the reference."""

from hypothesis import given, settings

from exercises.from_pixels_to_latents.checks import _latents as looked_at
from grader.checks import assert_close, assert_like

TOLERANCE = 1e-4


@settings(max_examples=15)
@given(latents=looked_at.varied_latents(longest_side=12, most_channels=16))
def test_equals_reference(submission, reference, latents):
    """Larger latents, with up to 16 channels, give the reference's heat maps."""
    expected = reference.channel_heatmaps(latents)
    actual = submission.channel_heatmaps(latents)
    assert_close(actual, expected, "Every channel must follow the formula of the statement.", tolerance=TOLERANCE)


@settings(max_examples=10)
@given(latents=looked_at.varied_latents(most_channels=6))
def test_channels_do_not_see_each_other(submission, latents):
    """A channel gives the same heat map alone as among others."""
    together = assert_like(submission.channel_heatmaps(latents), latents[0])
    for index in (0, latents.shape[1] - 1):
        alone = submission.channel_heatmaps(latents[:, index : index + 1].clone())
        sentence = f"Channel {index} must give the same heat map alone as among {latents.shape[1]} channels."
        assert_close(alone, together[index : index + 1], sentence, tolerance=TOLERANCE)
