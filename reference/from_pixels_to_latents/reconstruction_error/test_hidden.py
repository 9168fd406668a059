"""What an experiment on the autoencoder must find on other pictures, other sizes and other scaling factors."""

import math

import pytest
import torch

from exercises._shared import _results
from exercises.from_pixels_to_latents.checks import _reconstructions as lost
from exercises.from_pixels_to_latents.checks._latents import vae_scaled_by
from grader.checks import assert_close


def assert_true_of_its_pictures(sd, found, image, factor):
    """Raise `CheckFailure` unless latents, pictures and all numbers are those of these pictures."""
    sentence = "latents must be mode() of the encoder's distribution, times the scaling factor, for every picture."
    expected = lost.encoded_again(image) * factor
    assert_close(found.latents, expected, sentence, tolerance=sd.tolerance({}, "encoded") * max(1.0, factor))
    sentence = "decoded must be what the decoder makes of latents / scaling factor, cut off at -1 and 1."
    expected = lost.decoded_again(found.latents / factor).clamp(-1, 1)
    assert_close(found.decoded, expected, sentence, tolerance=lost.DECODED_TOLERANCE)
    errors = lost.errors_of_pixels(found, image)
    squares = lost.mean_of_each(errors.square())
    again = lost.encoded_again(found.decoded) * factor
    for name, expected, tolerance in (
        ("absolute_errors", lost.mean_of_each(errors.abs()), lost.PIXEL_TOLERANCE),
        ("squared_errors", squares, lost.PIXEL_TOLERANCE),
        ("latent_errors", lost.mean_of_each((again - found.latents).abs()), lost.LATENT_TOLERANCE),
    ):
        lost.assert_ratios(
            getattr(found, name), expected, f"{name} must follow the statement, for each picture.", tolerance=tolerance
        )
    expected = [-10 * math.log10(square) for square in squares]
    _results.assert_numbers(
        found.psnr, expected, "psnr must follow the statement, for each picture.", tolerance=lost.PIXEL_TOLERANCE
    )


@pytest.mark.parametrize(("rows", "columns", "factor"), [(9, 4, 0.18215), (3, 11, 1.7)])
def test_other_sizes_and_factors(submission, sd, rows, columns, factor):
    """High and wide pictures under other scaling factors give what is true of them."""
    image = lost.three_pictures(sd, rows, columns, seed=rows)
    found = lost.reconstruction_of(submission, sd, vae_scaled_by(factor), image)
    assert_true_of_its_pictures(sd, found, image, factor)


def test_one_picture_of_random_pixels(submission, sd):
    """A single picture of random pixels, of which little comes back, gives what is true of it."""
    generator = torch.Generator().manual_seed(4)
    image = torch.rand(1, 3, 5 * sd.scale_factor, 7 * sd.scale_factor, generator=generator) * 2 - 1
    factor = 0.5
    found = lost.reconstruction_of(submission, sd, vae_scaled_by(factor), image)
    assert_true_of_its_pictures(sd, found, image, factor)
