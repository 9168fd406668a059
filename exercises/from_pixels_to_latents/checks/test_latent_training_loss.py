"""What latent_training_loss must do, checked against recorded losses and gradients."""

import pytest
import torch

from exercises.from_pixels_to_latents.checks._latents import TOLERANCE, assert_gradients, training_step
from exercises.from_pixels_to_latents.checks._recorded import GRADIENTS, LOSS_OF_THREE, LOSSES_ALONE
from grader.checks import CheckFailure, assert_close, assert_equal, assert_like

LIKE_A_NUMBER = torch.tensor(0.0)
SAME = 1e-6  # measured: 0 for correct functions, about 1e-4 where the encoder draws


@pytest.mark.parametrize("timesteps", [(800,), (60,)])
def test_equals_the_formula(submission, sd, timesteps):
    """The loss of one picture is the mean squared error of the predicted noise."""
    given = training_step(sd, timesteps)
    actual = submission.latent_training_loss(sd.unet, sd.vae, **given)
    sentence = f"At timestep {timesteps[0]} the loss must be the mean squared difference of prediction and noise."
    assert_close(actual, torch.tensor(LOSSES_ALONE[timesteps[0]]), sentence, tolerance=TOLERANCE)


def test_every_picture_has_its_own_timestep(submission, sd):
    """The loss of several pictures is the mean of what each has alone, at its own timestep and with its own text."""
    given = training_step(sd, (800, 20, 300), seed=1)
    actual = submission.latent_training_loss(sd.unet, sd.vae, **given)
    sentence = "Three pictures at timesteps 800, 20 and 300 must have the mean of the losses that each has alone."
    assert_close(actual, torch.tensor(LOSS_OF_THREE), sentence, tolerance=TOLERANCE)


def test_equal_calls_have_equal_losses(submission, sd):
    """The same step has the same loss when it is computed twice: the function draws no random numbers."""
    given = training_step(sd, (10,), seed=2)  # where little noise is, a little more of it shows
    first, second = (submission.latent_training_loss(sd.unet, sd.vae, **given) for _ in range(2))
    first = assert_like(first, LIKE_A_NUMBER)
    sentence = "The same step must have the same loss when it is computed a second time."
    assert_close(second, first, sentence, tolerance=SAME)


def test_gradients_reach_the_unet(submission, sd):
    """After loss.backward() the U-Net's parameters have the loss's gradients."""
    given = training_step(sd, seed=3)
    submission.latent_training_loss.backward(sd.unet, sd.vae, **given)
    assert_gradients(submission.read.gradients(sd.unet, list(GRADIENTS)), GRADIENTS)


def test_autoencoder_gets_no_gradients(submission, sd):
    """After loss.backward() no parameter of the autoencoder has a gradient."""
    submission.latent_training_loss.backward(sd.unet, sd.vae, **training_step(sd, seed=4))
    reached = [name for name, gradient in submission.read.gradients(sd.vae).items() if bool((gradient != 0).any())]
    if reached:
        raise CheckFailure(
            "Only the U-Net is trained: after loss.backward() the autoencoder must have no gradients.",
            expected="no gradients in the vae's parameters",
            actual=f"gradients in {len(reached)} of them, {reached[0]} for one",
        )


def test_leaves_inputs_alone(submission, sd):
    """The tensors are the same after the call as before it."""
    given = training_step(sd)
    after = submission.latent_training_loss.called_with(sd.unet, sd.vae, **given).arguments
    for name, value in given.items():
        sentence = f"latent_training_loss must not change its input {name}."
        assert_equal(after[name], value, sentence, what=f"{name} after the call")
