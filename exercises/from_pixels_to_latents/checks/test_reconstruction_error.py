"""What an experiment on the autoencoder must find: what it returned is decoded, encoded and measured again here."""

import math

import torch

from exercises._shared import _results
from exercises.from_pixels_to_latents.checks import _reconstructions as lost
from exercises.from_pixels_to_latents.checks._latents import own_scaling_factor, vae_scaled_by
from grader.checks import CheckFailure, assert_close, assert_equal

OTHER_FACTOR = 0.25


def test_latents_are_the_encoders(submission, sd):
    """The latents are the encoder's: the middle of the distribution, times the scaling factor."""
    image = lost.three_pictures(sd)
    found = lost.reconstruction_of(submission, sd, sd.vae, image)
    expected = lost.encoded_again(image) * own_scaling_factor()
    sentence = "latents must be mode() of the encoder's distribution, times the scaling factor, for every picture."
    assert_close(found.latents, expected, sentence, tolerance=sd.tolerance({}, "encoded"))


def test_decoded_pictures_belong_to_the_latents(submission, sd):
    """The pictures are what the decoder makes of the returned latents, and what is out of range is cut off."""
    image = lost.three_pictures(sd)
    found = lost.reconstruction_of(submission, sd, sd.vae, image)
    lost.assert_out_of_range(lost.decoded_again(lost.encoded_again(image)))  # otherwise this check proves nothing
    expected = lost.decoded_again(found.latents / own_scaling_factor()).clamp(-1, 1)
    sentence = (
        "decoded must be what the decoder makes of latents / scaling factor, cut off at -1 and 1. Your latents were "
        "decoded again here."
    )
    assert_close(found.decoded, expected, sentence, tolerance=lost.DECODED_TOLERANCE)


def test_pixel_errors_are_those_of_the_pictures(submission, sd):
    """The absolute and the squared errors are those of the returned pictures, for each picture by itself."""
    image = lost.three_pictures(sd)
    found = lost.reconstruction_of(submission, sd, sd.vae, image)
    errors = lost.errors_of_pixels(found, image)
    for name, numbers in (("absolute_errors", errors.abs()), ("squared_errors", errors.square())):
        sentence = f"{name} must be those of image and your decoded, in parts of the range, for each picture by itself."
        expected = lost.mean_of_each(numbers)
        lost.assert_ratios(getattr(found, name), expected, sentence, tolerance=lost.PIXEL_TOLERANCE)


def test_psnr_is_in_decibels(submission, sd):
    """The PSNR of every picture is that of its squared error, in decibels, with the peak 1."""
    image = lost.three_pictures(sd)
    found = lost.reconstruction_of(submission, sd, sd.vae, image)
    squares = lost.mean_of_each(lost.errors_of_pixels(found, image).square())
    expected = [-10 * math.log10(square) for square in squares]
    sentence = "psnr must be 10 * log10(1 / squared error) of each picture. The errors were measured again here."
    _results.assert_numbers(found.psnr, expected, sentence, tolerance=lost.PIXEL_TOLERANCE)


def test_latent_errors_are_those_of_the_second_latents(submission, sd):
    """The latent errors say how far the latents of the returned pictures are from the first ones."""
    image = lost.three_pictures(sd)
    found = lost.reconstruction_of(submission, sd, sd.vae, image)
    again = lost.encoded_again(found.decoded) * own_scaling_factor()
    expected = lost.mean_of_each((again - found.latents).abs())
    if not min(expected) > lost.LEAST_ERROR:
        raise CheckFailure("result['latents'] must be the latents of image; these are the latents of decoded.")
    sentence = (
        "latent_errors must be the mean of |again - latents| of each picture, both scaled. Your decoded was encoded "
        "again here."
    )
    lost.assert_ratios(found.latent_errors, expected, sentence, tolerance=lost.LATENT_TOLERANCE)


def test_scaling_factor_is_the_configs(submission, sd):
    """With another scaling factor in the config the latents and their errors are scaled, and the pictures stay."""
    image = lost.three_pictures(sd)
    own, other = (lost.reconstruction_of(submission, sd, vae, image) for vae in (sd.vae, vae_scaled_by(OTHER_FACTOR)))
    times = OTHER_FACTOR / own_scaling_factor()
    sentence = (
        f"With vae.config.scaling_factor {OTHER_FACTOR} the latents must be {times:.4g} times as large as before."
    )
    assert_close(other.latents, own.latents * times, sentence, tolerance=sd.tolerance({}, "encoded"))
    sentence = f"With vae.config.scaling_factor {OTHER_FACTOR} the decoded pictures must be the same as before."
    assert_close(other.decoded, own.decoded, sentence, tolerance=lost.DECODED_TOLERANCE)
    sentence = (
        f"With vae.config.scaling_factor {OTHER_FACTOR} latent_errors must be {times:.4g} times as large as before."
    )
    if not min(own.latent_errors) > lost.LEAST_ERROR:
        raise CheckFailure("No latent error is 0: a picture that comes back has other latents.")
    expected = [error * times for error in own.latent_errors]
    lost.assert_ratios(other.latent_errors, expected, sentence, tolerance=lost.LATENT_TOLERANCE)


def test_every_picture_by_itself(submission, sd):
    """In another order, and without one of them, every picture keeps its own numbers."""
    image, order = lost.three_pictures(sd), [2, 0]
    found = lost.reconstruction_of(submission, sd, sd.vae, image)
    fewer = lost.reconstruction_of(submission, sd, sd.vae, image[order])
    for name in lost.NAMES[2:]:
        all_three = getattr(found, name)
        if min(map(abs, all_three)) < lost.LEAST_ERROR or len(set(all_three)) < len(all_three):
            raise CheckFailure(f"Three pictures of which each loses something else must have three different {name}.")
        sentence = f"Of pictures 0, 1 and 2, handed in as {order} alone, each must have the same {name} as before."
        expected = [all_three[place] for place in order]
        lost.assert_ratios(getattr(fewer, name), expected, sentence, tolerance=lost.LATENT_TOLERANCE)


def test_what_latents_never_had_shows_in_pixels_alone(submission, sd):
    """A checkerboard of single pixels comes back grey, at 6 dB, and yet its latent error is that of any picture."""
    drawn = lost.three_pictures(sd, 16, 16)[2:]
    image = torch.cat([drawn, lost.checkerboard(*drawn.shape[2:])])
    found = lost.reconstruction_of(submission, sd, sd.vae, image)
    for name, which, low, high, why in (
        ("psnr", 0, 25.0, 45.0, "a drawn picture comes back nearly as it was"),
        ("psnr", 1, 5.5, 6.5, "every pixel comes back grey, off by a half, which is 20 * log10(2) decibels"),
        ("latent_errors", 1, 0.005, 0.1, "the encoder saw nothing but grey, and sees it again"),
    ):
        number = getattr(found, name)[which]
        if not low <= number <= high:
            raise CheckFailure(
                f"{name} of {('a drawn picture', 'a checkerboard of single pixels')[which]} must be from {low:g} to "
                f"{high:g}: {why}.",
                expected=f"from {low:g} to {high:g}",
                actual=f"{number:.4g}",
            )


def test_tensors_carry_no_graph(submission, sd):
    """The returned tensors do not ask for gradients: nothing is kept for a backward pass."""
    image = lost.three_pictures(sd)
    found = _results.entries(submission.reconstruction_error(sd.vae, image), lost.NAMES)
    for name in ("latents", "decoded"):
        if not isinstance(found[name], torch.Tensor) or found[name].requires_grad:
            raise CheckFailure(
                f"result['{name}'] must be a tensor without a graph: use torch.no_grad().",
                expected="requires_grad is False",
                actual="requires_grad is True" if isinstance(found[name], torch.Tensor) else "something else",
            )


def test_leaves_inputs_alone(submission, sd):
    """The pictures are the same after the call as before it."""
    image = lost.three_pictures(sd)
    after = submission.reconstruction_error.called_with(sd.vae, image).arguments["image"]
    assert_equal(after, image, "reconstruction_error must not change its input image.", what="image after the call")
