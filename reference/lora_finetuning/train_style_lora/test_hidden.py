"""What training an adapter must do on another U-Net, and what it must learn on the one that draws."""

import pytest
import torch

from exercises._shared._training import alphas_cumprod, assert_loss, assert_losses, assert_same_weights
from exercises.lora_finetuning.checks._adapters import assert_adapter, base_of, with_adapter
from exercises.lora_finetuning.checks._training import LOSS_TOLERANCE, batch_of
from exercises.lora_finetuning.checks._unets import own, untrained_unet
from grader.sandbox.wire.handles import Handle
from grader.tinyworld.concepts import style_pictures
from reference.lora_finetuning._style import LEARNING_RATE, assert_learned, style_batches
from reference.lora_finetuning._training import assert_followed_exactly, training_loss


@pytest.mark.parametrize("learning_rate", [4e-4, 1e-4])
def test_other_unets_learn_alike(submission, sd, learning_rate):
    """On another U-Net, with another autoencoder, schedule and learning rate, the adapter moves as it must."""
    unet, vae = untrained_unet("with two transformer layers a block", seed=5), Handle("vae", {"scaling_factor": 0.4})
    examples, alphas = style_pictures(5, seed=6), torch.linspace(0.998, 0.02, 300)
    batches = [batch_of(examples[i : i + 1 + i % 2], seed=i, length=300) for i in range(4)]
    losses = submission.train_style_lora(unet, vae, sd.text_encoder, batches, alphas, learning_rate)
    first = assert_losses(losses, len(batches))[0]
    with torch.no_grad():
        expected = training_loss(own(unet), own(vae), own(sd.text_encoder), batches[0], alphas)
    sentence = "The first loss must be that of the U-Net as it was: the adapter starts at zero."
    assert_loss(first, expected.item(), sentence, LOSS_TOLERANCE)
    adapter = assert_adapter(submission.read.state_dict(unet), unet)
    assert_followed_exactly(adapter, unet, sd, batches, learning_rate, vae=vae, alphas_cumprod=alphas)


def test_style_is_learned(submission, sd):
    """On pictures it has not seen the loss falls, and prompts that do not name the style show it."""
    losses = submission.train_style_lora(
        sd.unet, sd.vae, sd.text_encoder, style_batches(), alphas_cumprod(), LEARNING_RATE
    )
    assert_losses(losses, len(style_batches()))
    weights = submission.read.state_dict(sd.unet)
    assert_same_weights(base_of(weights), own(sd.unet).state_dict(), "the U-Net")
    assert_learned(with_adapter(sd.unet, assert_adapter(weights, sd.unet)), sd)
