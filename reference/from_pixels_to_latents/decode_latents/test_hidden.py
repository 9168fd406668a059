"""What decode_latents must do with other sizes and scaling factors, and with latents that are not from a picture."""

import pytest
import torch

from exercises.from_pixels_to_latents.checks._latents import (
    assert_out_of_range,
    decoded,
    own_scaling_factor,
    vae_scaled_by,
)
from grader.checks.images import assert_same_picture


def noise(rows, columns, seed):
    """Return standard normal latents [1, 4, rows, columns]."""
    return torch.randn(1, 4, rows, columns, generator=torch.Generator().manual_seed(seed))


def assert_ordinary_picture(submission, sd):
    """Raise `CheckFailure` if not even an ordinary picture is right: then nothing special is to blame."""
    latents = sd.latents(7)
    actual = submission.decode_latents(sd.vae, latents)
    sentence = "This check looks at more than an ordinary picture, but already an ordinary one is not the pipeline's."
    assert_same_picture(actual, decoded(sd, latents), sentence, tolerance=sd.tolerance({}, "picture"))


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize(
    ("rows", "columns", "factor", "strength"),
    [(1, 9, 0.18215, 1.0), (13, 3, 1.7, 3.0), (7, 5, 0.3, 10.0), (20, 26, 0.18215, 2.0)],
)
def test_equals_the_pipeline_elsewhere(submission, sd, rows, columns, factor, strength):
    """Other sizes and scaling factors, and latents that are not from a picture, give the pipeline's picture too."""
    latents = noise(rows, columns, seed=rows) * strength * factor
    actual = submission.decode_latents(vae_scaled_by(factor), latents)
    sentence = f"Latents {rows} high and {columns} wide at scaling factor {factor} must give the pipeline's picture."
    assert_same_picture(actual, decoded(sd, latents, factor), sentence, tolerance=sd.tolerance({}, "picture"))


def test_out_of_range_is_cut_off_elsewhere(submission, sd):
    """Numbers out of range are cut off under another scaling factor and size too."""
    assert_ordinary_picture(submission, sd)
    latents = noise(9, 6, seed=1) * 15
    assert_out_of_range(latents)  # otherwise this check proves nothing
    latents = latents / own_scaling_factor() * 0.5
    actual = submission.decode_latents(vae_scaled_by(0.5), latents)
    sentence = "What is decoded to less than -1 must become 0, and what is above 1 must become 255."
    assert_same_picture(actual, decoded(sd, latents, 0.5), sentence, tolerance=sd.tolerance({}, "picture"))


@pytest.mark.tier("gpu")
@pytest.mark.parametrize("wide", [False, True])
def test_real_decoder_gives_the_same(submission, sd, wide):
    """On a real model, the picture is that of the pipeline, for wide latents too."""
    rows = sd.latent_shape[1] * 3 // 4 if wide else sd.latent_shape[1]
    latents = sd.latents(8)[..., :rows, :]
    actual = submission.decode_latents(sd.vae, latents)
    sentence = f"The real decoder's picture of latents {rows} high and {latents.shape[3]} wide must be the pipeline's."
    assert_same_picture(actual, decoded(sd, latents), sentence, tolerance=sd.tolerance({}, "picture"))


@pytest.mark.tier("gpu")
def test_real_decoder_has_its_own_factor(submission, sd):
    """On a real model, the scaling factor is the config's: under half of it, half the latents are the same picture."""
    latents, factor = sd.latents(9), own_scaling_factor() / 2
    actual = submission.decode_latents(vae_scaled_by(factor), latents / 2)
    sentence = f"With vae.config.scaling_factor {factor:g} half the latents must give the same picture."
    assert_same_picture(actual, decoded(sd, latents), sentence, tolerance=sd.tolerance({}, "picture"))
