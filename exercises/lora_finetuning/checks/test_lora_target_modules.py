"""Which modules a list of names must lead PEFT to, checked with PEFT itself."""

from exercises._shared._training import assert_same_weights
from exercises.lora_finetuning.checks._target_modules import assert_module_names, due_modules
from exercises.lora_finetuning.checks._unets import own, untrained_unet
from grader.checks import CheckFailure, assert_equal

SIMPLE = ("small", "with two transformer layers a block")


def found_and_due(submission, unet):
    """Return the names of the modules that PEFT finds by the submission's list, and those it must find."""
    return assert_module_names(submission.lora_target_modules(unet), unet), due_modules(unet)


def test_names_are_those_of_modules(submission, sd):
    """The result is a list of strings, each the name of a layer, or the end of one, that PEFT can adapt."""
    found, _ = found_and_due(submission, sd.unet)
    if not found:
        raise CheckFailure("PEFT finds no module with this list.")


def test_finds_every_projection(submission, sd):
    """Query, key, value and output of every cross-attention are found."""
    for unet in (sd.unet, *map(untrained_unet, SIMPLE)):
        found, due = found_and_due(submission, unet)
        missing = [name for name in due if name not in found]
        if missing:
            raise CheckFailure(
                f"PEFT finds {len(due) - len(missing)} of {len(due)} projections; one it misses is `{missing[0]}`."
            )


def test_finds_nothing_else(submission, sd):
    """No layer outside the cross-attention is found."""
    for unet in (sd.unet, *map(untrained_unet, SIMPLE)):
        found, due = found_and_due(submission, unet)
        others = [name for name in found if name not in due]
        if others:
            raise CheckFailure(
                f"PEFT also finds {len(others)} layers that are not such projections; one of them is `{others[0]}`."
            )


def test_leaves_the_unet_alone(submission):
    """The U-Net has the same weights, under the same names, and as many of them trainable, as before the call."""
    unet = untrained_unet()
    submission.lora_target_modules(unet)
    assert_same_weights(submission.read.state_dict(unet), own(unet).state_dict(), "the U-Net")
    expected = [name for name, _ in own(unet).named_parameters()]
    sentence = "To list names, nothing needs to be frozen or added: every parameter must be as trainable as before."
    assert_equal(submission.read.trainable(unet), expected, sentence)
