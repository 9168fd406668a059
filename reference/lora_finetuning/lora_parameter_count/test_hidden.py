"""How many numbers an adapter must be found to train, in U-Nets of other configurations."""

import pytest

from grader.checks import assert_equal
from grader.checks.adapters import CONFIGS, reported_numbers, untrained_unet


@pytest.mark.parametrize("name", list(CONFIGS))
def test_equals_what_peft_reports_on_any_configuration(submission, name):
    """In a U-Net of any configuration, the count is what PEFT reports."""
    unet = untrained_unet(name, seed=1)
    for rank in (2, 7):
        expected = reported_numbers(unet, rank)
        sentence = f"On a U-Net {name}, PEFT reports {expected} trainable numbers at rank {rank}."
        assert_equal(submission.lora_parameter_count(unet, rank), expected, sentence)
