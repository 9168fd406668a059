"""What the two ratios must be, checked without knowing a solution."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from exercises._shared import _results
from grader.checks import assert_close

SIDE = st.integers(1, 64)
SHAPES = st.tuples(st.integers(1, 16), SIDE, SIDE)


def assert_ratio(actual, expected, sentence):
    """Compare two plain numbers, the distance relative to the expected one where that is above 1."""
    found, due = (torch.tensor(value, dtype=torch.float64) for value in (_results.result(actual), expected))
    assert_close(found, due, sentence)


def test_worked_examples(submission):
    """512 x 512 pixels and latents of 64 x 64 with 4 channels: 48 times the numbers, 64 times the places."""
    for image_shape, latent_shape, numbers, places in (
        ((3, 512, 512), (4, 64, 64), 48.0, 64.0),
        ((3, 512, 768), (4, 64, 96), 48.0, 64.0),
        ((3, 1024, 1024), (16, 128, 128), 12.0, 64.0),
    ):
        actual = submission.compression_ratio(image_shape, latent_shape)
        sentence = f"compression_ratio of {image_shape} and {latent_shape} must be {numbers:g}."
        assert_ratio(actual, numbers, sentence)
        actual = submission.spatial_cost_ratio(image_shape, latent_shape)
        assert_ratio(actual, places, f"spatial_cost_ratio of {image_shape} and {latent_shape} must be {places:g}.")


@given(image_shape=SHAPES, latent_shape=SHAPES)
def test_compression_counts_all_numbers(submission, image_shape, latent_shape):
    """The compression ratio counts every number that is stored: channels, rows and columns."""
    actual = submission.compression_ratio(image_shape, latent_shape)
    stored = [torch.empty(shape, device="meta").numel() for shape in (image_shape, latent_shape)]
    sentence = f"Tensors of shape {image_shape} and {latent_shape} hold {stored[0]} and {stored[1]} numbers."
    assert_ratio(actual, stored[0] / stored[1], sentence)


@given(image_shape=SHAPES, latent_shape=SHAPES)
def test_cost_counts_places_only(submission, image_shape, latent_shape):
    """The cost ratio counts rows and columns; the channels, which come first, have no effect."""
    actual = submission.spatial_cost_ratio(image_shape, latent_shape)
    expected = (image_shape[-1] / latent_shape[-1]) * (image_shape[-2] / latent_shape[-2])
    sentence = f"The ratio of (C, H, W) = {image_shape} to {latent_shape} must be that of H * W to h * w."
    assert_ratio(actual, expected, sentence)
