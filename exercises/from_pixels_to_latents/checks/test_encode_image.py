"""What encode_image must do, checked against the pipeline's own preprocessing and encoder."""

import pytest

from exercises._shared._model import showing_latents
from exercises.from_pixels_to_latents.checks._latents import encoded, picture_of, vae_scaled_by
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks.images import assert_picture, pixels


def assert_encoded(sd, actual, expected, sentence):
    """Raise `CheckFailure`, which shows both as pictures, unless latents are those expected."""
    with showing_latents(sd, actual, expected):
        assert_close(actual, expected, sentence, tolerance=sd.tolerance({}, "encoded"))


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize("seed", [0, 1])
def test_equals_the_pipeline(submission, sd, seed):
    """The latents are those that the pipeline's own image processor and the encoder make of the picture."""
    picture = sd.picture(seed=seed)
    actual = submission.encode_image(sd.vae, picture)
    sentence = "The latents must be those of the picture: pixels in [-1, 1], mode(), times the scaling factor."
    assert_encoded(sd, actual, encoded(sd, picture), sentence)


@pytest.mark.tier("cpu", "gpu")
def test_height_comes_before_width(submission, sd):
    """A wide picture gives wide latents, and is neither turned nor resized."""
    picture = picture_of(sd, rows=6, columns=10, seed=2)
    actual = submission.encode_image(sd.vae, picture)
    sentence = (
        f"The latents of a picture {picture.width} wide and {picture.height} high must have everything in its place."
    )
    assert_encoded(sd, actual, encoded(sd, picture), sentence)


@pytest.mark.tier("cpu", "gpu")
def test_scaling_factor_is_the_configs(submission, sd):
    """The scaling factor is read from the autoencoder's config."""
    picture = sd.picture(seed=3)
    actual = submission.encode_image(sd.vae, picture)
    sentence = "This check changes the scaling factor, but already with the model's own the latents are not right."
    assert_encoded(sd, actual, encoded(sd, picture), sentence)
    actual = submission.encode_image(vae_scaled_by(0.25), picture)
    sentence = "With vae.config.scaling_factor 0.25 the latents must be the encoder's times 0.25."
    assert_encoded(sd, actual, encoded(sd, picture, 0.25), sentence)


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_grey_and_transparent_pictures(submission, sd, mode):
    """A grey picture, and one with transparency, count as what convert("RGB") makes of them."""
    picture = sd.picture(seed=4).convert(mode)
    if mode == "RGBA":
        picture.putalpha(picture.getchannel("R"))
    actual = submission.encode_image(sd.vae, picture)
    sentence = f'The latents of a picture of mode {mode} must be those of its convert("RGB").'
    assert_encoded(sd, actual, encoded(sd, picture), sentence)


@pytest.mark.tier("cpu", "gpu")
def test_same_picture_gives_same_latents(submission, sd):
    """The same picture gives the same latents every time."""
    picture = sd.picture(seed=5)
    first, second = (submission.encode_image(sd.vae, picture) for _ in range(2))
    first = assert_like(first, encoded(sd, picture))
    sentence = "The same picture, encoded a second time, must give the same latents."
    assert_encoded(sd, second, first, sentence)


@pytest.mark.tier("cpu", "gpu")
def test_leaves_inputs_alone(submission, sd):
    """The picture is the same after the call as before it."""
    picture = picture_of(sd, rows=20, columns=24)
    after = submission.encode_image.called_with(sd.vae, picture).arguments["image"]
    found = assert_picture(after, width=picture.width, height=picture.height, what="image after the call")
    assert_equal(found, pixels(picture), "encode_image must not change its input image.", what="image after the call")
