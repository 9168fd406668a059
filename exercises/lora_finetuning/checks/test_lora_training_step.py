"""What one training step must do, checked against the same step by diffusers' scheduler and torch's optimizer."""

from exercises.lora_finetuning.checks._adapters import assert_everything_else_untouched
from exercises.lora_finetuning.checks._training import (
    LOSS_TOLERANCE,
    as_loss,
    assert_moved_like,
    batch_of,
    model_alphas_cumprod,
    training_of,
)
from grader.checks import assert_close, assert_equal
from grader.tinyworld.concepts import style_pictures


def batches_of(sd, number):
    """Return so many batches of two pictures."""
    examples = style_pictures(2 * number, seed=1)
    return [batch_of(sd, examples[2 * index : 2 * index + 2], seed=index) for index in range(number)]


def test_loss_is_that_of_the_batch(submission, sd):
    """The result is the mean squared error between the noise and what the U-Net sees of it."""
    training, (batch,), alphas = training_of(sd), batches_of(sd, 1), model_alphas_cumprod()
    (expected,), _ = training.run([batch], alphas)
    actual = as_loss(submission.lora_training_step(*training.handles, batch, alphas))
    sentence = "The loss must be that of the batch: latents, noise, timesteps and text as the statement has them."
    assert_close(actual, expected, sentence, tolerance=LOSS_TOLERANCE)


def test_adapter_moves_one_step(submission, sd):
    """The adapter is where one step of the optimizer takes it."""
    training, (batch,), alphas = training_of(sd), batches_of(sd, 1), model_alphas_cumprod()
    _, expected = training.run([batch], alphas)
    submission.lora_training_step(*training.handles, batch, alphas)
    sentence = "After the call the adapter must be where one optimizer.step() with this loss's gradients takes it."
    assert_moved_like(submission.read.state_dict(training.unet), expected, training, sentence)


def test_two_steps_in_a_row(submission, sd):
    """A second call goes on from the first: no gradients are left over, and the optimizer is the same."""
    training, batches, alphas = training_of(sd), batches_of(sd, 2), model_alphas_cumprod()
    losses, expected = training.run(batches, alphas)
    first, second = (as_loss(submission.lora_training_step(*training.handles, batch, alphas)) for batch in batches)
    assert_close(first, losses[0], "The loss of the first call must be that of its batch.", tolerance=LOSS_TOLERANCE)
    sentence = "The loss of the second call must be that of its batch, on the adapter that the first call has trained."
    assert_close(second, losses[1], sentence, tolerance=LOSS_TOLERANCE)
    sentence = "After two calls the adapter must be where two steps take it, each with the gradients of its own batch."
    assert_moved_like(submission.read.state_dict(training.unet), expected, training, sentence)


def test_everything_else_stays(submission, sd):
    """The U-Net's own weights, the autoencoder and the text encoder stay what they were, to the bit."""
    training, batches, alphas = training_of(sd), batches_of(sd, 2), model_alphas_cumprod()
    for batch in batches:
        submission.lora_training_step(*training.handles, batch, alphas)
    assert_everything_else_untouched(submission, training.unet, training.bare, training.vae, training.text_encoder)


def test_leaves_the_batch_alone(submission, sd):
    """The batch and the schedule are the same after the call as before it."""
    training, (batch,), alphas = training_of(sd), batches_of(sd, 1), model_alphas_cumprod()
    after = submission.lora_training_step.called_with(*training.handles, batch, alphas).arguments
    assert_equal(after["batch"], batch, "lora_training_step must not change the batch, or anything in it.")
    sentence = "lora_training_step must not change alphas_cumprod."
    assert_equal(after["alphas_cumprod"], alphas, sentence, what="alphas_cumprod after the call")
