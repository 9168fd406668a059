"""What one training step must do, against recorded steps by diffusers' scheduler and torch's optimizer."""

from exercises._shared._training import alphas_cumprod, assert_loss
from exercises.lora_finetuning.checks._adapters import (
    assert_everything_else_untouched,
    assert_only_the_adapter_is_trainable,
)
from exercises.lora_finetuning.checks._recorded import AFTER_ONE_STEP, AFTER_TWO_STEPS, STEP_LOSSES
from exercises.lora_finetuning.checks._training import LOSS_TOLERANCE, assert_moved_like, pairs, training_of
from grader.checks import assert_equal


def test_loss_is_that_of_the_batch(submission, sd):
    """The result is the mean squared error between the noise and the U-Net's prediction of it."""
    training, (batch,), alphas = training_of(sd), pairs(1), alphas_cumprod()
    actual = submission.lora_training_step(*training.handles, batch, alphas)
    sentence = "The loss must be that of the batch: latents, noise, timesteps and text as the statement has them."
    assert_loss(actual, STEP_LOSSES[0], sentence, LOSS_TOLERANCE)


def test_adapter_moves_one_step(submission, sd):
    """The adapter is where one step of the optimizer takes it."""
    training, (batch,), alphas = training_of(sd), pairs(1), alphas_cumprod()
    submission.lora_training_step(*training.handles, batch, alphas)
    sentence = "After the call the adapter must be where one optimizer.step() with this loss's gradients takes it."
    assert_moved_like(submission.read.state_dict(training.unet), AFTER_ONE_STEP, training, sentence)


def test_two_steps_in_a_row(submission, sd):
    """A second call goes on from the first: no gradients are left over, and the optimizer is the same."""
    training, batches, alphas = training_of(sd), pairs(2), alphas_cumprod()
    first, second = (submission.lora_training_step(*training.handles, batch, alphas) for batch in batches)
    sentence = "The loss of the first call must be that of its batch."
    assert_loss(first, STEP_LOSSES[0], sentence, LOSS_TOLERANCE)
    sentence = "The loss of the second call must be that of its batch, on the adapter that the first call has trained."
    assert_loss(second, STEP_LOSSES[1], sentence, LOSS_TOLERANCE)
    sentence = "After two calls the adapter must be where two steps take it, each with the gradients of its own batch."
    assert_moved_like(submission.read.state_dict(training.unet), AFTER_TWO_STEPS, training, sentence)


def test_everything_else_stays(submission, sd):
    """The U-Net's own weights, the autoencoder and the text encoder stay what they were, to the bit, and frozen."""
    training, batches, alphas = training_of(sd), pairs(2), alphas_cumprod()
    for batch in batches:
        submission.lora_training_step(*training.handles, batch, alphas)
    assert_everything_else_untouched(submission, training.unet, training.bare, training.vae, training.text_encoder)
    assert_only_the_adapter_is_trainable(submission, training.unet)


def test_leaves_the_batch_alone(submission, sd):
    """The batch and the schedule are the same after the call as before it."""
    training, (batch,), alphas = training_of(sd), pairs(1), alphas_cumprod()
    after = submission.lora_training_step.called_with(*training.handles, batch, alphas).arguments
    assert_equal(after["batch"], batch, "lora_training_step must not change the batch, or anything in it.")
    sentence = "lora_training_step must not change alphas_cumprod."
    assert_equal(after["alphas_cumprod"], alphas, sentence, what="alphas_cumprod after the call")
