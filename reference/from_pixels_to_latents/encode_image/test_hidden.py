"""What encode_image must do with other sizes, modes and scaling factors, and with the ends of the range."""

import pytest
import torch
from PIL import Image

from exercises.from_pixels_to_latents.checks._latents import encoded, own_scaling_factor, picture_of, vae_scaled_by
from grader.checks import assert_close


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize(
    ("rows", "columns", "mode", "factor"),
    [(1, 9, "RGB", 0.18215), (13, 3, "L", 1.7), (5, 8, "LA", 0.3), (20, 26, "RGBA", 0.18215)],
)
def test_equals_the_pipeline_elsewhere(submission, sd, rows, columns, mode, factor):
    """Other sizes, modes and scaling factors give the pipeline's latents too."""
    picture = picture_of(sd, rows, columns, seed=rows).convert(mode)
    if mode in ("LA", "RGBA"):
        picture.putalpha(picture.convert("L"))
    actual = submission.encode_image(vae_scaled_by(factor), picture)
    sentence = (
        f"A picture {picture.width} wide and {picture.height} high, of mode {mode}, at scaling factor {factor}, must "
        "give the pipeline's latents."
    )
    assert_close(actual, encoded(sd, picture, factor), sentence, tolerance=sd.tolerance({}, "encoded"))


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize("level", [0, 255])
def test_ends_of_the_range(submission, sd, level):
    """Level 0 is -1 and level 255 is 1, exactly."""
    picture = Image.new("RGB", (8 * sd.scale_factor, 6 * sd.scale_factor), (level, level, level))
    actual = submission.encode_image(sd.vae, picture)
    sentence = f"A picture where every level is {level} must be encoded as pixels of {level / 127.5 - 1:g}."
    assert_close(actual, encoded(sd, picture), sentence, tolerance=sd.tolerance({}, "encoded"))


@pytest.mark.tier("cpu", "gpu")
def test_any_pixels(submission, sd):
    """A picture of random pixels gives the pipeline's latents: every pixel and every colour counts."""
    shape = (7 * sd.scale_factor, 5 * sd.scale_factor, 3)
    levels = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    picture = Image.fromarray(levels.numpy())
    actual = submission.encode_image(sd.vae, picture)
    sentence = "Every pixel must keep its place, and every colour its channel."
    assert_close(actual, encoded(sd, picture), sentence, tolerance=sd.tolerance({}, "encoded"))


@pytest.mark.tier("gpu")
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_real_encoder_gives_the_same(submission, sd, mode):
    """On a real model, the latents are those of the pipeline, for wide and for grey pictures too."""
    columns = sd.latent_shape[2]
    picture = picture_of(sd, columns * 3 // 4, columns, seed=8).convert(mode)
    actual = submission.encode_image(sd.vae, picture)
    sentence = f"The real encoder's latents of a picture of mode {mode}, {picture.size}, must be the pipeline's."
    assert_close(actual, encoded(sd, picture), sentence, tolerance=sd.tolerance({}, "encoded"))


@pytest.mark.tier("gpu")
def test_real_encoder_has_its_own_factor(submission, sd):
    """On a real model, the scaling factor is the config's: half of it gives half the latents."""
    picture, factor = sd.picture(seed=9), own_scaling_factor() / 2
    actual = submission.encode_image(vae_scaled_by(factor), picture)
    sentence = f"With vae.config.scaling_factor {factor:g} the latents must be the real encoder's times that."
    assert_close(actual, encoded(sd, picture, factor), sentence, tolerance=sd.tolerance({}, "encoded"))
