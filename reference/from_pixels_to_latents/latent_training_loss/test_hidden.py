"""What latent_training_loss must be for other sizes, schedules, timesteps and scaling factors."""

import pytest
import torch

from exercises._shared._training import alphas_cumprod, pixel_values
from exercises.from_pixels_to_latents.checks._latents import (
    TOLERANCE,
    assert_gradients,
    picture_of,
    training_step,
    vae_scaled_by,
)
from grader.checks import CheckFailure, assert_close, assert_like
from grader.diffusion import loading
from grader.sandbox.wire.handles import Handle
from reference._shared import _real
from reference._shared import _training as shared
from reference.from_pixels_to_latents._training import training_loss, unet_gradients

WATCHED = ["conv_in.bias", "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", "conv_out.bias"]


def step(sd, rows, columns, timesteps, last_beta, seed):
    """Return the arguments of a step with pictures of that size, under a linear schedule of its own."""
    pictures = [picture_of(sd, rows, columns, seed + number) for number in range(len(timesteps))]
    shape = (len(timesteps), sd.latent_shape[0], rows, columns)
    return {
        "image": pixel_values(*pictures),
        "noise": torch.randn(shape, generator=torch.Generator().manual_seed(seed)),
        "timesteps": torch.tensor(timesteps),
        "text_embeddings": sd.embed(["a green ring", "", "a purple cross at the top", "a shape"][: len(timesteps)]),
        "alphas_cumprod": (1 - torch.linspace(1e-4, last_beta, 400)).cumprod(0),
    }


@pytest.mark.parametrize(
    ("rows", "columns", "timesteps", "last_beta", "factor"),
    [(8, 20, (399, 0), 0.02, 0.18215), (12, 4, (37,), 0.05, 1.3), (16, 16, (250, 250, 10, 399), 0.01, 0.4)],
)
def test_equals_the_formula_elsewhere(submission, sd, rows, columns, timesteps, last_beta, factor):
    """Other sizes, schedules, timesteps and scaling factors give the formula's loss too."""
    given = step(sd, rows, columns, timesteps, last_beta, seed=rows)
    actual = submission.latent_training_loss(sd.unet, vae_scaled_by(factor), **given)
    expected = sd.once(("loss elsewhere", rows), lambda: training_loss(**given, scaling_factor=factor).detach())
    sentence = f"At timesteps {list(timesteps)} and scaling factor {factor} the loss must be the formula's."
    assert_close(actual, expected, sentence, tolerance=TOLERANCE)


def test_gradients_reach_the_unet_elsewhere(submission, sd):
    """The gradients are those of the loss for pictures of another size too, in other parts of the U-Net."""
    given = step(sd, 12, 8, (90, 300), 0.02, seed=5)
    submission.latent_training_loss.backward(sd.unet, sd.vae, **given)
    expected = sd.once("gradients of the loss elsewhere", lambda: unet_gradients(WATCHED, **given))
    assert_gradients(submission.read.gradients(sd.unet, WATCHED), expected)


@pytest.mark.tier("gpu")
def test_real_model_has_the_same_loss(submission, sd):
    """On a real model, the loss of two pictures is the formula's, each at its own timestep and with its own text."""
    given = real_step(sd)
    actual = submission.latent_training_loss(_real.UNET, sd.vae, **given)
    with torch.no_grad():
        expected = sd.once("latent_training_loss", lambda: training_loss(**given))
    assert_like(actual, expected)
    _real.assert_loss(sd, actual, expected, "On the real model the loss must be the formula's.")


@pytest.mark.tier("gpu")
def test_real_unet_gets_the_gradients(submission, sd):
    """On a real model, the gradients are those of the loss, and the autoencoder has none."""
    given, unet = real_step(sd), Handle("unet", {"trainable": WATCHED, "checkpointing": True})

    def due(twins):
        model = loading.load()
        loss = shared.training_loss(
            twins[unet], model.vae, given["text_embeddings"],
            {"pixel_values": given["image"], "noise": given["noise"], "timesteps": given["timesteps"]},
            given["alphas_cumprod"],
        )  # fmt: skip
        watched = [twins[unet].get_parameter(name) for name in WATCHED]
        return dict(zip(WATCHED, (found.cpu() for found in torch.autograd.grad(loss, watched)), strict=True))

    submission.latent_training_loss.backward(unet, sd.vae, **given)
    found = submission.read.gradients(unet, WATCHED)
    _real.assert_along(sd, found, _real.own(sd, "gradients of a loss", due), "The gradients must be those of the loss.")
    reached = submission.read.gradients(sd.vae, names=["encoder.conv_in.weight", "quant_conv.weight"])
    if any(bool((gradient != 0).any()) for gradient in reached.values()):
        raise CheckFailure("Only the U-Net is trained: after loss.backward() the autoencoder must have no gradients.")


def real_step(sd):
    """Return the arguments of a step with two pictures on the model's own noise schedule."""
    given = training_step(sd, (700, 90), seed=6)
    return {**given, "alphas_cumprod": alphas_cumprod()}
