"""Which modules a list of names must lead PEFT to, in U-Nets of other configurations."""

import pytest

from exercises.lora_finetuning.checks._target_modules import assert_module_names, due_modules
from exercises.lora_finetuning.checks._unets import CONFIGS, untrained_unet
from grader.checks import assert_equal
from grader.sandbox.wire.handles import Handle
from reference._shared._real import assert_untouched
from reference.lora_finetuning._real import adapted_by, projections


@pytest.mark.parametrize("name", list(CONFIGS))
def test_works_on_any_configuration(submission, name):
    """In a U-Net of any configuration, the modules found are the projections of the cross-attention."""
    unet = untrained_unet(name, seed=1)
    found = assert_module_names(submission.lora_target_modules(unet), unet)
    sentence = f"In a U-Net {name}, PEFT must be led to the four layers of every attn2, and to no others."
    assert_equal(found, due_modules(unet), sentence)


@pytest.mark.tier("gpu")
def test_finds_the_projections_of_a_real_unet(submission, sd):
    """On a real U-Net, PEFT is led to every projection of the cross-attention and to no other layer."""
    unet, due = Handle("unet", {"trainable": []}), projections()
    found = adapted_by(submission.lora_target_modules(unet))
    sentence = f"In this U-Net PEFT must be led to the {len(due)} layers of its cross-attention, and to no others."
    assert_equal(found, due, sentence)
    assert_untouched(submission, unet, sd.digests("unet"), "the U-Net")
