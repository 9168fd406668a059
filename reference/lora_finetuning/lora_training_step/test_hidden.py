"""What training steps must do with other adapters, schedules and batches."""

import pytest
import torch

from exercises._shared._training import assert_loss
from exercises.lora_finetuning.checks._training import LOSS_TOLERANCE, assert_moved_like, batch_of, training_of
from grader.tinyworld.concepts import style_pictures
from reference._shared._cropping import cropped
from reference.lora_finetuning._training import run

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
    losses, expected = run(training, batches, alphas)
    for number, (batch, loss) in enumerate(zip(batches, losses, strict=True), start=1):
        actual = submission.lora_training_step(*training.handles, batch, alphas)
        sentence = f"With {case} the loss of step {number} must be the reference's."
        assert_loss(actual, loss, sentence, LOSS_TOLERANCE)
    sentence = f"With {case} the adapter must be where three steps take it."
    assert_moved_like(submission.read.state_dict(training.unet), expected, training, sentence)
