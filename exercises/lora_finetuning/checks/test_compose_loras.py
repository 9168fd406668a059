"""What a weight with several adapters must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises.lora_finetuning.checks import _bypasses as draw
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks.strategies import random_tensors


def assert_gives_what_the_bypasses_give(composed, drawn, sentence):
    """Raise `CheckFailure` unless a layer with the composed weight gives what one with all bypasses beside it gives."""
    assert_like(composed, drawn.weight, like="weight")
    (x,) = random_tensors(1, (3, drawn.weight.shape[1]), torch.float64, seed=0)
    beside = x @ drawn.weight.double().T
    for a, b, alpha in drawn.adapters:
        beside += alpha / a.shape[0] * (x @ a.double().T) @ b.double().T
    dtype = drawn.weight.dtype
    assert_close((x @ composed.double().T).to(dtype), beside.to(dtype), sentence)


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    first = (torch.tensor([[2.0, 0.0]]), torch.tensor([[1.0]]), 1.0)
    second = (torch.tensor([[0.0, 1.0], [0.0, 1.0]]), torch.tensor([[1.0, 1.0]]), 4.0)
    actual = submission.compose_loras(torch.ones(1, 2), [first, second])
    sentence = "The result must be that of the worked example in the statement."
    assert_close(actual, torch.tensor([[3.0, 5.0]]), sentence, like="weight")


def test_empty_list_gives_the_weight(submission):
    """Without adapters the result is the weight."""
    for dtype in (torch.float32, torch.float64):
        weight = torch.arange(6, dtype=dtype).reshape(2, 3) / 7
        actual = submission.compose_loras(weight, [])
        assert_equal(actual, weight, "With an empty list of adapters the result must be the weight.")


@settings(max_examples=10)
@given(drawn=draw.compositions(fewest=1, most=1))
def test_one_adapter_is_merged(submission, drawn):
    """A list of one adapter gives what merging it gives."""
    actual = submission.compose_loras(*drawn)
    a, _, alpha = drawn.adapters[0]
    sentence = f"With r = {a.shape[0]} and alpha = {alpha}, x result^T must be x W^T + (alpha / r) x A^T B^T."
    assert_gives_what_the_bypasses_give(actual, drawn, sentence)


@given(drawn=draw.compositions(fewest=2))
def test_changes_add_up(submission, drawn):
    """Several adapters add their changes, each scaled by its own alpha and rank."""
    actual = submission.compose_loras(*drawn)
    scales = ", ".join(f"{alpha} / {a.shape[0]}" for a, _, alpha in drawn.adapters)
    sentence = (
        "x result^T must be what the layer gives with all bypasses beside it, each scaled by its own alpha / r: "
        f"{scales}."
    )
    assert_gives_what_the_bypasses_give(actual, drawn, sentence)


@settings(max_examples=10)
@given(drawn=draw.compositions(fewest=2))
def test_order_does_not_matter(submission, drawn):
    """The order of the adapters makes no difference."""
    there = assert_like(submission.compose_loras(*drawn), drawn.weight, like="weight")
    back = submission.compose_loras(drawn.weight, drawn.adapters[::-1])
    assert_close(back, there, "The same adapters in the opposite order must give the same weight.", like="weight")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    weight = torch.arange(6.0).reshape(2, 3)
    adapters = [(torch.ones(1, 3), torch.ones(2, 1), 2.0), (torch.ones(2, 3), torch.ones(2, 2), 1.0)]
    after = submission.compose_loras.called_with(weight, adapters).arguments
    assert_equal(after["weight"], weight, "compose_loras must not change weight.", what="weight after the call")
    assert_equal(after["adapters"], adapters, "compose_loras must not change the adapters or their list.")
