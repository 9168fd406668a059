"""What a fresh bypass and a layer with one must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.lora_finetuning.checks import _bypasses as draw
from grader.checks import CheckFailure, assert_close, assert_equal, assert_like
from grader.checks.strategies import dtypes, seeds


def generator(seed):
    """Return a generator as a submission gets it."""
    return torch.Generator().manual_seed(seed)


@given(size=draw.sizes(longest_side=6), rank=st.integers(1, 4), dtype=dtypes(), seed=seeds())
def test_b_starts_at_zero(submission, size, rank, dtype, seed):
    """A is [rank, in], B is [out, rank], both of the weight's dtype, and B is zero."""
    weight = torch.ones(size, dtype=dtype)
    _, b = draw.assert_fresh(submission.init_lora(weight, rank, generator(seed)), weight, rank)
    assert_equal(b, torch.zeros_like(b), "B must be zero, so that the bypass adds nothing at the start.", what="B")


def test_a_is_normal(submission):
    """The numbers of A are normal, with mean 0 and standard deviation 1 / rank."""
    for rank, width in ((4, 1024), (16, 512), (1, 4096)):
        weight = torch.zeros(8, width)
        a, _ = draw.assert_fresh(submission.init_lora(weight, rank, generator(rank)), weight, rank)
        sentence = f"With rank {rank} the numbers of A must be normal, with mean 0 and standard deviation 1 / {rank}."
        draw.assert_normal(a, 1 / rank, sentence)


def test_a_is_drawn_with_the_generator(submission):
    """A depends only on the generator: equal generators give equal A, different ones give different A."""
    weight = torch.ones(3, 5)
    first, again, other = (
        draw.assert_fresh(submission.init_lora(weight, 2, generator(seed)), weight, 2)[0] for seed in (7, 7, 8)
    )
    assert_equal(again, first, "Two generators in the same state must give the same A.", what="A")
    used = generator(7)
    torch.rand(1, generator=used)
    later, _ = draw.assert_fresh(submission.init_lora(weight, 2, used), weight, 2)
    if torch.equal(other, first) or torch.equal(later, first):
        raise CheckFailure("Two generators in different states gave the same A: draw with the one you get, as it is.")


@settings(max_examples=10)
@given(bypass=draw.bypasses(decimals=0), rank=st.integers(1, 4), seed=seeds())
def test_start_changes_nothing(submission, bypass, rank, seed):
    """With a fresh bypass the layer gives what it gave without one, to the bit."""
    fresh = draw.assert_fresh(submission.init_lora(bypass.weight, rank, generator(seed)), bypass.weight, rank)
    actual = submission.lora_forward(bypass.x, bypass.weight, *fresh, bypass.alpha)
    # Whole numbers this small are added up without rounding, in any order.
    sentence = "With the (A, B) of init_lora, lora_forward must give x W^T, whatever A and alpha are."
    assert_equal(actual, bypass.x @ bypass.weight.T, sentence)


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    x, weight = torch.tensor([1.0, 3.0]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    a, b = torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0], [0.5]])
    actual = submission.lora_forward(x, weight, a, b, 2.0)
    assert_close(actual, torch.tensor([-1.0, 13.0]), "The result must be that of the worked example in the statement.")


@given(single=draw.single_numbers())
def test_bypass_adds_to_the_layer(submission, single):
    """With one number in each row of A and each column of B, the bypass carries numbers of x to places of the result.

    Times alpha / r and times the two numbers, they are added to x W^T.
    """
    actual = submission.lora_forward(*single)
    scale = f"{single.alpha} / {single.A.shape[0]}"
    sentence = f"With r = {single.A.shape[0]} and alpha = {single.alpha} the result must be x W^T + {scale} x A^T B^T."
    assert_close(actual, draw.carried(single).to(single.x.dtype), sentence)


@given(bypass=draw.bypasses(least_rank=2))
def test_ranks_add_up(submission, bypass):
    """A bypass of rank r gives the mean of what its r bypasses of rank 1 give, each with one row of A."""
    actual = submission.lora_forward(*bypass)
    alone = [assert_like(submission.lora_forward(*one), actual) for one in draw.of_one_rank(bypass)]
    rank = len(alone)
    sentence = f"The layer must give the mean of what it gives with each of the {rank} ranks alone (r = 1, same alpha)."
    assert_close(actual, torch.stack(alone).double().mean(0).to(bypass.x.dtype), sentence)


def test_leaves_inputs_alone(submission):
    """lora_forward leaves its inputs as they are: the weight is frozen."""
    x, weight, a, b = torch.ones(2, 3), torch.arange(12.0).reshape(4, 3), torch.ones(2, 3), torch.ones(4, 2)
    after = submission.lora_forward.called_with(x, weight, a, b, 4.0).arguments
    for name, before in (("x", x), ("weight", weight), ("A", a), ("B", b)):
        assert_equal(after[name], before, f"lora_forward must not change {name}.", what=f"{name} after the call")
