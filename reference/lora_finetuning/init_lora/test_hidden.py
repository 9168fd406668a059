"""What a fresh bypass and a layer with one must be, on larger layers and against the reference."""

import torch
from hypothesis import given, settings

from exercises.lora_finetuning.checks import _bypasses as draw
from grader.checks import assert_close, assert_like


@given(bypass=draw.bypasses(longest_side=9, largest_rank=8))
def test_equals_reference(submission, reference, bypass):
    """Larger layers and ranks, including ranks larger than the layer, give the reference's result."""
    expected = reference.lora_forward(*bypass)
    assert_close(submission.lora_forward(*bypass), expected, "The result must be x W^T + (alpha / r) x A^T B^T.")


@settings(max_examples=10)
@given(bypass=draw.bypasses())
def test_rank_is_read_from_a(submission, bypass):
    """A bypass of twice the rank, its new half zero, with twice the alpha does the same."""
    x, weight, a, b, alpha = bypass
    narrow = assert_like(submission.lora_forward(*bypass), x @ weight.T)
    wide = submission.lora_forward(
        x, weight, torch.cat([a, torch.zeros_like(a)]), torch.cat([b, torch.zeros_like(b)], 1), 2 * alpha
    )
    sentence = (
        "Filling A and B up with zeros to twice the rank and doubling alpha must change nothing: alpha / r is the same."
    )
    assert_close(wide, narrow, sentence)


@settings(max_examples=10)
@given(bypass=draw.bypasses(longest_side=6))
def test_change_has_the_rank_of_the_bypass(submission, bypass):
    """What the bypass adds, taken as a matrix, has rank r at most."""
    _, weight, a, b, alpha = bypass
    x = torch.eye(weight.shape[1], dtype=weight.dtype)
    actual = assert_like(submission.lora_forward(x, weight, a, b, alpha), weight.T)
    # Of float64, where rounding leaves the singular values that must be 0 far below those that must not.
    beyond = torch.linalg.svdvals(actual.double() - weight.double().T)[a.shape[0] :]
    sentence = f"The matrix that is added to x W^T may have only {a.shape[0]} singular values other than 0."
    assert_close(beyond, torch.zeros_like(beyond), sentence, tolerance=1e-4)


def test_a_is_normal_in_double_precision(submission):
    """In float64, on tall and on wide layers, the numbers of A are normal too."""
    for rank, (out_features, in_features) in ((2, (3, 4096)), (8, (900, 600))):
        weight = torch.ones(out_features, in_features, dtype=torch.float64)
        fresh = submission.init_lora(weight, rank, torch.Generator().manual_seed(rank))
        a, _ = draw.assert_fresh(fresh, weight, rank)
        sentence = f"With rank {rank} the numbers of A must be normal, with mean 0 and standard deviation 1 / {rank}."
        draw.assert_normal(a, 1 / rank, sentence)
