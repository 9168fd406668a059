"""What a weight with several adapters must be, with more of them and against the reference."""

from hypothesis import given, settings

from exercises.lora_finetuning.checks import _bypasses as draw
from grader.checks import assert_close, assert_like


@given(drawn=draw.compositions(most=5, longest_side=8, largest_rank=8))
def test_equals_reference(submission, reference, drawn):
    """Up to five adapters on larger weights give the reference's result."""
    actual = submission.compose_loras(*drawn)
    expected = reference.compose_loras(*drawn)
    assert_close(actual, expected, "The result must be W plus the sum of (alpha / r) B A.", like="weight")


@settings(max_examples=10)
@given(drawn=draw.compositions(fewest=2, most=4))
def test_one_after_the_other_is_all_at_once(submission, drawn):
    """Adding the adapters one call after the other gives what adding them at once gives."""
    at_once = assert_like(submission.compose_loras(*drawn), drawn.weight, like="weight")
    weight = drawn.weight
    for adapter in drawn.adapters:
        weight = assert_like(submission.compose_loras(weight, [adapter]), drawn.weight, like="weight")
    sentence = "All adapters in one call must give what one call for each of them gives."
    assert_close(at_once, weight, sentence, like="weight")
