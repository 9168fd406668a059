"""What similarities between rows must be, checked by the law of cosines and without knowing a solution."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from exercises.textual_inversion.checks._similar_rows import Similar, assert_neighbours, cosines, similar_rows
from grader.checks import assert_close, assert_equal
from grader.checks.strategies import random_tensors

TABLE = torch.tensor([[5.0, 0.0], [40.0, -30.0], [-3.0, -4.0], [3.0, 4.0]])


def test_worked_examples(submission):
    """The function reproduces the worked examples of the statement."""
    expected = torch.tensor([[1.0, 0.6, 0.0], [0.6, 1.0, 0.8], [0.0, 0.8, 1.0]])
    actual = submission.token_similarity(TABLE, [3, 0, 1])
    assert_close(actual, expected, "The similarities of the statement must come out.")
    nearest = submission.nearest_tokens(torch.tensor([1.0, 1.0]), TABLE, 3)
    assert_equal(nearest, [3, 0, 1], "The rows nearest to [1, 1] must be those of the statement.")


@given(drawn=similar_rows())
def test_every_pair_has_its_cosine(submission, drawn):
    """Every number is the cosine of the angle between its two rows."""
    actual = submission.token_similarity(drawn.table, drawn.ids)
    rows = drawn.table[drawn.ids]
    expected = torch.stack([cosines(row, rows) for row in rows])
    sentence = f"result[i, j] must be the cosine between row ids[i] and row ids[j] of ids {drawn.ids}."
    assert_close(actual, expected, sentence)


@given(drawn=similar_rows())
def test_every_row_is_like_itself(submission, drawn):
    """Along the diagonal every similarity is 1."""
    actual = submission.token_similarity(drawn.table, drawn.ids)
    assert_close(
        actual.diagonal() if getattr(actual, "ndim", 0) == 2 else actual,
        torch.ones(len(drawn.ids), dtype=drawn.table.dtype),
        "The similarity of a row to itself must be 1.",
    )


@given(drawn=similar_rows(), factor=st.sampled_from((0.01, 0.5, 30.0)))
def test_length_does_not_matter(submission, drawn, factor):
    """A row that is made longer or shorter is as similar as before."""
    before = submission.token_similarity(drawn.table, drawn.ids)
    longer = drawn.table.clone()
    longer[drawn.ids[0]] *= factor
    rows = drawn.table[drawn.ids]
    expected = torch.stack([cosines(row, rows) for row in rows])
    assert_close(before, expected, "Every number must be the cosine between its two rows.")
    after = submission.token_similarity(longer, drawn.ids)
    assert_close(after, expected, f"With row {drawn.ids[0]} times {factor:g} nothing may change.")


@given(drawn=similar_rows())
def test_nearest_are_the_most_similar(submission, drawn):
    """The nearest rows are those with the largest similarities, the most similar first."""
    assert_neighbours(submission.nearest_tokens(drawn.vector, drawn.table, drawn.k), drawn)


@given(drawn=similar_rows())
def test_nearest_of_a_row_is_itself(submission, drawn):
    """The row nearest to a row of the table is that row."""
    vector = drawn.table[drawn.ids[0]]
    # With k = 1 or two rows, several mistakes would give the same list.
    assert_neighbours(submission.nearest_tokens(vector, drawn.table, 2), Similar(drawn.table, [], vector, 2))


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    table, vectors = random_tensors(2, (4, 3), torch.float32, seed=1)
    after = submission.token_similarity.called_with(table, [2, 0]).arguments
    assert_equal(after["table"], table, "token_similarity must not change the table.", what="table after the call")
    after = submission.nearest_tokens.called_with(vectors[0], table, 2).arguments
    for name, before in (("vector", vectors[0]), ("table", table)):
        assert_equal(after[name], before, f"nearest_tokens must not change {name}.", what=f"{name} after the call")
