"""What decode_latents must do, checked against the pipeline's own decoder and postprocessing."""

import pytest

from exercises.from_pixels_to_latents.checks._latents import (
    assert_looks_like,
    assert_out_of_range,
    decoded,
    encoded,
    picture_of,
    vae_scaled_by,
)
from grader.checks import assert_equal
from grader.checks.images import assert_same_picture


def assert_ordinary_picture(submission, sd):
    """Raise `CheckFailure` if not even an ordinary picture is right: then nothing special is to blame."""
    latents = sd.latents(7)
    actual = submission.decode_latents(sd.vae, latents)
    sentence = "This check looks at more than an ordinary picture, but already an ordinary one is not the pipeline's."
    assert_same_picture(actual, decoded(sd, latents), sentence, tolerance=sd.tolerance({}, "picture"))


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize("seed", [0, 1])
def test_equals_the_pipeline(submission, sd, seed):
    """The picture is the one that the decoder and the pipeline's own image processor make of the latents."""
    latents = sd.latents(seed)
    actual = submission.decode_latents(sd.vae, latents)
    sentence = "The picture must be the decoder's: latents divided by the scaling factor, then -1 to 0 and 1 to 255."
    assert_same_picture(actual, decoded(sd, latents), sentence, tolerance=sd.tolerance({}, "picture"))


def test_encoded_picture_comes_back(submission, sd):
    """A picture that is encoded and then decoded is nearly the same picture again."""
    picture = sd.picture(seed=4)
    actual = submission.decode_latents(sd.vae, encoded(sd, picture))
    assert_looks_like(actual, picture, "A picture that is encoded and decoded must come back, a little blurred.")


@pytest.mark.tier("cpu", "gpu")
def test_height_comes_before_width(submission, sd):
    """Wide latents give a wide picture, neither turned nor resized."""
    latents = encoded(sd, picture_of(sd, rows=6, columns=10, seed=3))
    actual = submission.decode_latents(sd.vae, latents)
    sentence = "The picture of latents 6 high and 10 wide must show everything in its place."
    assert_same_picture(actual, decoded(sd, latents), sentence, tolerance=sd.tolerance({}, "picture"))


@pytest.mark.tier("cpu", "gpu")
def test_scaling_factor_is_the_configs(submission, sd):
    """The scaling factor is read from the autoencoder's config."""
    assert_ordinary_picture(submission, sd)
    latents = encoded(sd, sd.picture(seed=2), 0.25)
    actual = submission.decode_latents(vae_scaled_by(0.25), latents)
    sentence = "With vae.config.scaling_factor 0.25 the latents must be divided by 0.25 before they are decoded."
    assert_same_picture(actual, decoded(sd, latents, 0.25), sentence, tolerance=sd.tolerance({}, "picture"))


def test_out_of_range_is_cut_off(submission, sd):
    """Numbers below -1 become 0, and numbers above 1 become 255."""
    assert_ordinary_picture(submission, sd)
    latents = sd.noise(5) * 12
    assert_out_of_range(latents)  # otherwise this check proves nothing
    actual = submission.decode_latents(sd.vae, latents)
    sentence = "What is decoded to less than -1 must become 0, and what is above 1 must become 255."
    assert_same_picture(actual, decoded(sd, latents), sentence, tolerance=sd.tolerance({}, "picture"))


@pytest.mark.tier("cpu", "gpu")
def test_leaves_inputs_alone(submission, sd):
    """The latents are the same after the call as before it."""
    latents = sd.latents(6)
    after = submission.decode_latents.called_with(sd.vae, latents).arguments["latents"]
    assert_equal(after, latents, "decode_latents must not change its input latents.", what="latents after the call")
