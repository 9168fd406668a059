"""How many numbers an adapter trains, checked with PEFT's own count."""

from exercises._shared._training import assert_same_weights
from exercises.lora_finetuning.checks._target_modules import reported_numbers
from exercises.lora_finetuning.checks._unets import own, untrained_unet
from grader.checks import assert_equal

SIMPLE = ("small", "with two transformer layers a block")


def test_worked_example(submission, sd):
    """On the course's own U-Net rank 4 makes 13,952 numbers."""
    sentence = "On the U-Net of this course an adapter of rank 4 trains 13,952 numbers."
    assert_equal(submission.lora_parameter_count(sd.unet, 4), 13952, sentence)


def test_equals_what_peft_reports(submission):
    """The count is what PEFT reports for an adapter of that rank on the projections of the cross-attention."""
    for name in SIMPLE:
        unet = untrained_unet(name)
        for rank in (1, 3, 20):
            expected = reported_numbers(unet, rank)
            sentence = f"On a U-Net {name}, PEFT reports {expected} trainable numbers at rank {rank}."
            assert_equal(submission.lora_parameter_count(unet, rank), expected, sentence)


def test_twice_the_rank_is_twice_the_number(submission):
    """The count grows in proportion to the rank."""
    unet = untrained_unet("small", seed=2)
    one = submission.lora_parameter_count(unet, 1)
    for rank in (2, 8, 64):
        sentence = f"Rank {rank} must make {rank} times the numbers of rank 1: every layer's A and B grow with it."
        assert_equal(submission.lora_parameter_count(unet, rank), rank * one, sentence)


def test_leaves_the_unet_alone(submission):
    """The U-Net has the same weights as before the call, and as many of them trainable."""
    unet = untrained_unet("small")
    submission.lora_parameter_count(unet, 2)
    assert_same_weights(submission.read.state_dict(unet), own(unet).state_dict(), "the U-Net")
    expected = [name for name, _ in own(unet).named_parameters()]
    sentence = "To count, nothing needs to be frozen: every parameter must be as trainable as before."
    assert_equal(submission.read.trainable(unet), expected, sentence)
