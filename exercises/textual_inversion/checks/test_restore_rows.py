"""What restoring the rows of an embedding table must do, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises._shared._adamw import AdamW
from exercises.textual_inversion.checks import _trained_tables
from grader.checks import CheckFailure, assert_equal, assert_like
from grader.checks import strategies as draw

RATES = ((0.1, 0.1), (0.005, 0.01))  # learning rate and weight decay; the second pair is the lesson's


def table_after(submission, table, original, trained_ids):
    """Call the student's function and return the table as it is afterwards, its shape and dtype checked."""
    after = submission.restore_rows.called_with(table, original, trained_ids).arguments["table"]
    return assert_like(after, original, what="The table after the call", like="original")


def with_rows(table, rows, source):
    """Return a copy of the table in which the given rows are those of the source."""
    result = table.clone()
    result[rows] = source[rows]
    return result


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    table = torch.nn.Parameter(torch.tensor([[1.5, 1.5], [7.0, 8.0], [3.5, 3.5]]))
    original = torch.tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    after = table_after(submission, table, original, [1])
    expected = torch.tensor([[1.0, 1.0], [7.0, 8.0], [3.0, 3.0]])
    assert_equal(after, expected, "The table itself must become that of the worked example.")


@given(drawn=_trained_tables.trained_tables())
def test_other_rows_are_restored(submission, drawn):
    """Every row that is not trained is the original again, to the bit."""
    after = table_after(submission, *drawn)
    expected = with_rows(drawn.original, drawn.trained_ids, after)
    sentence = f"With trained_ids {drawn.trained_ids}, every other row of the table itself must be the original again."
    assert_equal(after, expected, sentence)


@given(drawn=_trained_tables.trained_tables())
def test_trained_rows_are_left_alone(submission, drawn):
    """The trained rows keep what they have learned, to the bit."""
    after = table_after(submission, *drawn)
    expected = with_rows(after, drawn.trained_ids, drawn.table.detach())
    sentence = f"With trained_ids {drawn.trained_ids}, these rows must be left as they are."
    assert_equal(after, expected, sentence)


@settings(max_examples=4)
@given(drawn=_trained_tables.trained_tables())
def test_only_trained_rows_move_under_adamw(submission, drawn):
    """Under AdamW, with weight decay and momentum, only the trained rows move."""
    _, original, trained_ids = drawn
    gradients = [drawn.table.grad, drawn.table.grad.roll(1, dims=0), torch.zeros_like(original)]
    for learning_rate, weight_decay in RATES:
        table = torch.nn.Parameter(original.clone())
        optimizer = AdamW(table, learning_rate=learning_rate, weight_decay=weight_decay)
        for number, gradient in enumerate(gradients, start=1):
            table.grad = gradient.clone()
            optimizer.step()
            expected = with_rows(original, trained_ids, table.detach())
            after = table_after(submission, table, original, trained_ids)
            sentence = f"After optimizer.step() number {number} only the rows {trained_ids} may differ from original."
            assert_equal(after, expected, sentence)
            with torch.no_grad():
                table.copy_(after)


def test_table_can_still_be_trained(submission):
    """The table can be trained on: requires_grad is on after the call."""
    original, moves = draw.random_tensors(2, (3, 2), torch.float32, seed=0)
    call = submission.restore_rows.called_with(torch.nn.Parameter(original + moves), original, [1])
    after = call.arguments["table"]
    assert_like(after, original, what="The table after the call", like="original")
    if not after.requires_grad:
        raise CheckFailure("After the call requires_grad of the table is off: the next step cannot train it.")


def test_leaves_original_alone(submission):
    """The original and the ids are the same after the call as before it."""
    original, moves = draw.random_tensors(2, (4, 2), torch.float32, seed=0)
    trained_ids = [3, 1]
    call = submission.restore_rows.called_with(torch.nn.Parameter(original + moves), original, trained_ids)
    sentence = "restore_rows must not change original: the next call restores from it."
    assert_equal(call.arguments["original"], original, sentence, what="original after the call")
    assert_equal(call.arguments["trained_ids"], trained_ids, "restore_rows must not change trained_ids.")
