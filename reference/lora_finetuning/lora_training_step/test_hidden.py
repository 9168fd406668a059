"""What training steps must do with other adapters, schedules and batches."""

import pytest
import torch

from exercises._shared._training import alphas_cumprod, assert_loss, input_ids
from exercises.lora_finetuning.checks._adapters import adapter_of
from exercises.lora_finetuning.checks._training import LOSS_TOLERANCE, assert_moved_like, batch_of, training_of
from exercises.lora_finetuning.checks._unets import TARGETS
from grader.checks import CheckFailure
from grader.sandbox.wire.handles import Handle
from grader.tinyworld.concepts import style_pictures
from reference._shared import _real
from reference._shared._cropping import cropped
from reference.lora_finetuning._training import run, trained

OTHER = "with two transformer layers a block"
CASES = {
    "a fresh adapter": {"rank": 2, "alpha": 4, "b_spread": 0.0},
    "another U-Net": {"config": OTHER, "alpha": 3, "learning_rate": 3e-3, "weight_decay": 0.5},
    "another scaling factor": {"scaling_factor": 0.3, "rank": 2, "alpha": 2},
}


@pytest.mark.parametrize("case", list(CASES))
def test_three_steps_equal_the_references(submission, sd, case):
    """Three steps with other adapters, schedules and sizes of batches are those of the reference."""
    training = training_of(sd, seed=3, **CASES[case])
    alphas = torch.linspace(0.998, 0.02, 400)
    examples = style_pictures(6, seed=2)
    batches = [batch_of(examples[first:last], seed=last, length=400) for first, last in ((0, 3), (3, 4), (4, 6))]
    batches[-1] = cropped(batches[-1])  # not square
    losses, expected = sd.once(("three steps of LoRA", case), lambda: run(training, batches, alphas))
    for number, (batch, loss) in enumerate(zip(batches, losses, strict=True), start=1):
        actual = submission.lora_training_step(*training.handles, batch, alphas)
        sentence = f"With {case} the loss of step {number} must be the reference's."
        assert_loss(actual, loss, sentence, LOSS_TOLERANCE)
    sentence = f"With {case} the adapter must be where three steps take it."
    assert_moved_like(submission.read.state_dict(training.unet), expected, training, sentence)


LORA = Handle(
    "unet_with_lora",
    {"unet": _real.UNET, "target_modules": TARGETS, "rank": 4, "alpha": 4, "seed": 1, "b_spread": 0.02},
)
ENCODER = Handle("text_encoder", {"trainable": []})


def real_step(sd):
    """Return what a step on the real model gets: handles, a batch of two pictures, and the schedule."""
    batch = _real.batch(sd, input_ids(["a red circle on white", "a blue square"]), seed=7)
    return LORA, _real.VAE, ENCODER, _real.optimizer(LORA), batch, alphas_cumprod()


def right_step(sd):
    """Return the loss of the step, the adapter before it, and how it must move."""

    def compute(twins):
        unet, vae, encoder, optimizer, batch, alphas = real_step(sd)
        before = {name: value.clone() for name, value in adapter_of(twins[unet].state_dict()).items()}
        (loss,) = trained(twins[unet], twins[optimizer], twins[vae], twins[encoder], [batch], alphas)
        return loss, before, moves(before, twins[unet].state_dict())

    return _real.own(sd, "a step of LoRA", compute)


def moves(before, weights):
    """Return how an adapter has moved, its A and its B each as one list of numbers."""
    after = adapter_of(weights)
    if after.keys() != before.keys():
        raise CheckFailure("The adapter is not the one that was given: its weights have other names.")
    return {
        side: torch.cat([(after[name].cpu() - before[name].cpu()).flatten() for name in before if name.endswith(side)])
        for side in ("lora_A", "lora_B")
    }


@pytest.mark.tier("gpu")
def test_real_step_has_the_loss_and_moves_the_adapter(submission, sd):
    """On a real model, the loss is that of the batch, and the adapter moves along its gradient."""
    given, (expected, before, due) = real_step(sd), right_step(sd)
    actual = submission.lora_training_step(*given)
    _real.assert_loss(sd, actual, expected, "The loss of a step on the real model must be that of its batch.")
    found = moves(before, submission.read.state_dict(LORA, containing=".lora_"))
    _real.assert_along(sd, found, due, "The adapter must move along the gradient of the loss.")


@pytest.mark.tier("gpu")
def test_real_base_stays(submission, sd):
    """On a real model, all weights but the adapter's stay what they were, to the bit."""
    submission.lora_training_step(*real_step(sd))
    for module, name, owner in (
        (LORA, "unet", "the U-Net"),
        (_real.VAE, "vae", "the autoencoder"),
        (ENCODER, "text_encoder", "the text encoder"),
    ):
        _real.assert_untouched(submission, module, sd.digests(name), owner)
