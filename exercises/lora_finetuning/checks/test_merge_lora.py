"""What a merged weight must be, checked without knowing a solution."""

import torch
from hypothesis import given

from exercises.lora_finetuning.checks import _bypasses as draw
from grader.checks import assert_close, assert_equal, assert_like

ALPHAS = (4.0, 2.0, 1.0, 0.5, -1.0, 3.0, -6.0, 16.0)


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    weight, a = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.eye(2)
    b = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    expected = torch.tensor([[4.0, 8.0], [3.0, 7.0]])
    actual = submission.merge_lora(weight, a, b, 6.0)
    assert_close(actual, expected, "The result must be that of the worked example in the statement.", like="weight")


@given(single=draw.single_numbers(alphas=ALPHAS))
def test_merged_equals_bypass(submission, single):
    """With one number in each row of A and each column of B, the merged layer carries numbers as the bypass does."""
    x, weight, a, b, alpha = single
    merged = assert_like(submission.merge_lora(weight, a, b, alpha), weight, like="weight")
    sentence = f"With r = {a.shape[0]} and alpha = {alpha}, x merged^T must be x W^T + (alpha / r) x A^T B^T."
    assert_close((x.double() @ merged.double().T).to(x.dtype), draw.carried(single).to(x.dtype), sentence)


@given(bypass=draw.bypasses(least_rank=2, alphas=ALPHAS))
def test_ranks_add_up(submission, bypass):
    """A bypass of rank r is merged to the mean of what its r bypasses of rank 1 are merged to."""
    _, weight, a, b, alpha = bypass
    merged = submission.merge_lora(weight, a, b, alpha)
    alone = [
        assert_like(submission.merge_lora(weight, one.A, one.B, alpha), weight, like="weight")
        for one in draw.of_one_rank(bypass)
    ]
    rank = len(alone)
    sentence = f"The merged weight must be the mean of those with each of the {rank} ranks alone (r = 1, same alpha)."
    assert_close(merged, torch.stack(alone).double().mean(0).to(weight.dtype), sentence, like="weight")


@given(bypass=draw.bypasses())
def test_merging_with_minus_alpha_brings_the_weight_back(submission, bypass):
    """Merging once more, with -alpha, gives the weight back."""
    _, weight, a, b, alpha = bypass
    merged = assert_like(submission.merge_lora(weight, a, b, alpha), weight, like="weight")
    back = submission.merge_lora(merged, a, b, -alpha)
    assert_close(back, weight, "Merged with alpha and then with -alpha, the weight must be what it was.", like="weight")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    weight, a, b = torch.arange(12.0).reshape(4, 3), torch.ones(2, 3), torch.ones(4, 2)
    after = submission.merge_lora.called_with(weight, a, b, 4.0).arguments
    for name, before in (("weight", weight), ("A", a), ("B", b)):
        sentence = f"merge_lora must not change {name}: it is needed to take the bypass out again."
        assert_equal(after[name], before, sentence, what=f"{name} after the call")
