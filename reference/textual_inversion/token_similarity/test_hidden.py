"""What similarities between rows must be, on larger tables and against the reference."""

import torch
from hypothesis import given

from exercises.textual_inversion.checks._similar_rows import assert_neighbours, similar_rows
from grader.checks import assert_close
from grader.checks.strategies import DTYPES


@given(drawn=similar_rows(most_rows=40, most_columns=16))
def test_equals_reference(submission, reference, drawn):
    """Tables of up to 40 rows give the reference's similarities."""
    actual = submission.token_similarity(drawn.table, drawn.ids)
    expected = reference.token_similarity(drawn.table, drawn.ids)
    assert_close(actual, expected, "The similarities must be the reference's.")


@given(drawn=similar_rows(most_rows=40, most_columns=16))
def test_nearest_in_large_tables(submission, drawn):
    """In tables of up to 40 rows the nearest are found as well."""
    assert_neighbours(submission.nearest_tokens(drawn.vector, drawn.table, drawn.k), drawn)


def test_keeps_dtype(submission):
    """The similarities have the dtype of the table."""
    for dtype in DTYPES:
        table = torch.tensor([[3.0, 4.0], [4.0, 3.0]], dtype=dtype)
        expected = torch.tensor([[1.0, 0.96], [0.96, 1.0]], dtype=dtype)
        assert_close(submission.token_similarity(table, [0, 1]), expected, "3 * 4 + 4 * 3 over 5 * 5 is 0.96.")
