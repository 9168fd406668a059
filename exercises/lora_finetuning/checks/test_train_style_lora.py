"""What training an adapter must do, checked in short runs against PEFT, recorded losses and AdamW's own formula."""

import pytest
import torch

from exercises._shared._training import alphas_cumprod, assert_loss, assert_losses
from exercises.lora_finetuning.checks._adapters import (
    assert_adapter,
    assert_everything_else_untouched,
    assert_only_the_adapter_is_trainable,
    with_adapter,
)
from exercises.lora_finetuning.checks._recorded import GRADIENTS, UNTRAINED_LOSSES
from exercises.lora_finetuning.checks._training import LOSS_TOLERANCE, assert_followed, ones_and_twos
from exercises.lora_finetuning.checks._unets import untrained_unet
from grader.checks import CheckFailure, assert_close, assert_equal

UNET = untrained_unet()


def train(submission, sd, batches, learning_rate):
    """Call the student's function on a small U-Net and return its losses, as it has them."""
    alphas = alphas_cumprod()
    return submission.train_style_lora(UNET, sd.vae, sd.text_encoder, batches, alphas, learning_rate)


def test_adapter_is_on_the_cross_attention(submission, sd):
    """The U-Net carries an adapter of rank 4 on the projections of the cross-attention, and on nothing else."""
    train(submission, sd, ones_and_twos(1), 1e-3)
    assert_adapter(submission.read.state_dict(UNET), UNET)


def test_losses_are_those_of_the_batches(submission, sd):
    """The loss of each batch is returned, and at a learning rate near 0 it is that of the untrained model."""
    batches = ones_and_twos()
    losses = assert_losses(train(submission, sd, batches, 1e-9), len(batches))
    for number, (expected, actual) in enumerate(zip(UNTRAINED_LOSSES, losses, strict=True), start=1):
        sentence = f"At a learning rate of 1e-9 the loss of batch {number} must be that of the U-Net without adapter."
        assert_loss(actual, expected, sentence, LOSS_TOLERANCE)


def test_loss_is_that_before_the_step(submission, sd):
    """The loss of a batch is that before its step: however long the step, the first is that of the untrained model."""
    batches = ones_and_twos(1)
    (loss,) = assert_losses(train(submission, sd, batches, 0.1), 1)  # a step this long moves it by 600 tolerances
    sentence = "At a learning rate of 0.1, too, the first loss must be that of the U-Net without adapter."
    assert_loss(loss, UNTRAINED_LOSSES[0], sentence, LOSS_TOLERANCE)


@pytest.mark.parametrize("learning_rate", [2e-6])
def test_one_optimizer_takes_every_step(submission, sd, learning_rate):
    """The adapter is where one AdamW, made once with the learning rate, takes it in a step for each batch."""
    batches = ones_and_twos()
    train(submission, sd, batches, learning_rate)
    adapter = assert_adapter(submission.read.state_dict(UNET), UNET)
    assert_followed(adapter, GRADIENTS, learning_rate)


def test_weight_decay_is_that_of_adamw(submission, sd):
    """AdamW's weight decay acts on A in the first step, where A has no gradient because B is zero."""
    rate = 100.0  # an unusual rate, but exact: the decay leaves 1 - 100 * 0.01 = 0 of A, however A was drawn
    train(submission, sd, ones_and_twos(1), rate)
    adapter = assert_adapter(submission.read.state_dict(UNET), UNET)
    left = max(float(weight.abs().max()) for name, weight in adapter.items() if name.endswith(".lora_A"))
    if not left < 1e-6:
        raise CheckFailure(
            f"At a learning rate of {rate:g}, the weight decay that torch.optim.AdamW has by default (0.01) leaves "
            "nothing of A in the first step.",
            expected="zeros in A",
            actual=f"numbers up to {left:.2g} in A",
        )


def test_everything_else_stays(submission, sd):
    """The U-Net's own weights, the autoencoder and the text encoder stay what they were, to the bit."""
    train(submission, sd, ones_and_twos(2), 0.05)
    assert_everything_else_untouched(submission, UNET, UNET, sd.vae, sd.text_encoder)


def test_only_the_adapter_is_trainable(submission, sd):
    """After the call only the adapter of the U-Net asks for gradients."""
    train(submission, sd, ones_and_twos(1), 1e-3)
    assert_only_the_adapter_is_trainable(submission, UNET)


def test_saved_adapter_gives_equal_outputs(submission, sd):
    """The adapter, saved and loaded into another copy of the U-Net with alpha 4, predicts the same noise."""
    train(submission, sd, ones_and_twos(2), 0.1)
    sample, text = sd.noise(5, batch=2), sd.embed(["a red circle", "a big star"])
    actual = submission.read.prediction(UNET, sample, 300, text)
    adapter = assert_adapter(submission.read.state_dict(UNET), UNET)
    with torch.no_grad():
        expected = with_adapter(UNET, adapter)(sample, 300, encoder_hidden_states=text).sample
    sentence = "With the adapter in a file, and loaded from it at rank 4 and alpha 4, the U-Net must predict the same."
    assert_close(actual, expected, sentence)


def test_leaves_the_batches_alone(submission, sd):
    """The batches and the schedule are the same after the call as before it."""
    batches, alphas = ones_and_twos(2), alphas_cumprod()
    call = submission.train_style_lora.called_with(UNET, sd.vae, sd.text_encoder, batches, alphas, 1e-3)
    assert_equal(call.arguments["batches"], batches, "train_style_lora must not change the batches.")
    sentence = "train_style_lora must not change alphas_cumprod."
    assert_equal(call.arguments["alphas_cumprod"], alphas, sentence, what="alphas_cumprod after the call")
