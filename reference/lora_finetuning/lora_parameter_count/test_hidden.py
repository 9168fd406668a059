"""How many numbers an adapter trains, in U-Nets of other configurations."""

import pytest

from exercises.lora_finetuning.checks._target_modules import reported_numbers
from exercises.lora_finetuning.checks._unets import CONFIGS, untrained_unet
from grader.checks import assert_equal


@pytest.mark.parametrize("name", list(CONFIGS))
def test_equals_what_peft_reports_on_any_configuration(submission, name):
    """In a U-Net of any configuration, the count is what PEFT reports."""
    unet = untrained_unet(name, seed=1)
    for rank in (2, 7):
        expected = reported_numbers(unet, rank)
        sentence = f"On a U-Net {name}, PEFT reports {expected} trainable numbers at rank {rank}."
        assert_equal(submission.lora_parameter_count(unet, rank), expected, sentence)
