"""Which modules a list of names must lead PEFT to, in U-Nets of other configurations."""

import pytest

from exercises.lora_finetuning.checks._target_modules import assert_module_names, due_modules
from exercises.lora_finetuning.checks._unets import CONFIGS, untrained_unet
from grader.checks import assert_equal


@pytest.mark.parametrize("name", list(CONFIGS))
def test_works_on_any_configuration(submission, name):
    """In a U-Net of any configuration, the modules found are the projections of the cross-attention."""
    unet = untrained_unet(name, seed=1)
    found = assert_module_names(submission.lora_target_modules(unet), unet)
    sentence = f"In a U-Net {name}, PEFT must be led to the four layers of every attn2, and to no others."
    assert_equal(found, due_modules(unet), sentence)
