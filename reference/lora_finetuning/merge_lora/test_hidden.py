"""What a merged weight must be, on larger layers and against the reference."""

import torch
from hypothesis import given, settings

from exercises.lora_finetuning.checks import _bypasses as draw
from grader.checks import assert_close, assert_like


@given(bypass=draw.bypasses(longest_side=9, largest_rank=8, alphas=(*draw.ALPHAS, -1.0, -6.0)))
def test_equals_reference(submission, reference, bypass):
    """Larger layers and ranks, including ranks larger than the layer, give the reference's weight."""
    actual = submission.merge_lora(*bypass[1:])
    assert_close(
        actual, reference.merge_lora(*bypass[1:]), "The merged weight must be W + (alpha / r) B A.", like="weight"
    )


@settings(max_examples=10)
@given(bypass=draw.bypasses())
def test_change_does_not_depend_on_the_weight(submission, bypass):
    """The change that is added is the same for any weight, including a weight of zeros."""
    _, weight, a, b, alpha = bypass
    alone = assert_like(submission.merge_lora(torch.zeros_like(weight), a, b, alpha), weight, like="weight")
    actual = submission.merge_lora(weight, a, b, alpha)
    sentence = "What is added to a weight must be what is added to a weight of zeros."
    assert_close(actual, weight + alone, sentence, like="weight")
