"""What restoring the rows of an embedding table must do, on larger tables and against the reference."""

import pytest
import torch
from hypothesis import given, settings

from exercises._shared._adamw import AdamW
from exercises.textual_inversion.checks import _trained_tables as draw
from grader.checks import assert_equal, assert_far, assert_like
from grader.diffusion.digests import digests_of_rows
from grader.sandbox.wire.handles import Handle
from reference._shared import _real


def table_after(submission, table, original, trained_ids):
    """Call the student's function and return the table as it is afterwards, its shape and dtype checked."""
    after = submission.restore_rows.called_with(table, original, trained_ids).arguments["table"]
    return assert_like(after, original, what="The table after the call", like="original")


@given(drawn=draw.trained_tables(most_rows=30, most_columns=8))
def test_equals_reference(submission, reference, drawn):
    """Tables of up to 30 rows, with ids in any order and anywhere, come out as the reference's."""
    after = table_after(submission, *drawn)
    expected = torch.nn.Parameter(drawn.table.detach().clone())
    reference.restore_rows(expected, drawn.original, drawn.trained_ids)
    sentence = f"Every row except {drawn.trained_ids} must be the original again, and those rows must stay as they are."
    assert_equal(after, expected.detach(), sentence)


@settings(max_examples=3)
@given(drawn=draw.trained_tables(most_rows=12))
def test_long_training_leaves_no_trace(submission, reference, drawn):
    """After eight steps of AdamW the table is the one that training with the reference gives."""
    _, original, trained_ids = drawn
    tables = {name: torch.nn.Parameter(original.clone()) for name in ("student", "reference")}
    optimizers = {name: AdamW(table, learning_rate=0.05, weight_decay=0.2) for name, table in tables.items()}
    for number in range(8):
        for name, table in tables.items():
            table.grad = drawn.table.grad.roll(number, dims=0)
            optimizers[name].step()
        after = table_after(submission, tables["student"], original, trained_ids)
        with torch.no_grad():
            tables["student"].copy_(after)
        reference.restore_rows(tables["reference"], original, trained_ids)
    sentence = f"After eight steps only the rows {trained_ids} may differ from the original."
    assert_equal(tables["student"].detach(), tables["reference"].detach(), sentence)


@pytest.mark.tier("gpu")
def test_one_row_of_a_real_table_moves(submission, sd):
    """On a real model's table, after steps of AdamW with weight decay, only the learned row has moved, to the bit."""
    encoder, learned = _real.learner(1), _real.first_id()
    words = [*sd.token_ids("a red circle on white"), learned]
    original = _real.table_of(encoder)
    moved = Handle("moved_table", {"original": original, "ids": words, "seed": 0, "steps": 3})
    before, after = _real.own(
        sd, "a table that AdamW moved", lambda twins: tuple(digests_of_rows(twins[each]) for each in (original, moved))
    )
    assert_far((before != after).double().mean(), torch.tensor(0.0), 0.9)  # weight decay moves nearly every row
    submission.restore_rows(moved, original, [learned])
    found = submission.read.digests_of_rows(moved)
    _real.assert_only_rows_moved(found, before, [learned], "After AdamW and restore_rows")
    assert_equal(found[[learned]], after[[learned]], "The learned row must stay where AdamW took it, to the bit.")
    assert_equal(submission.read.digests_of_rows(original), before, "restore_rows must not change original.")
