"""What training may have moved, and what must be as before to the bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from exercises.textual_inversion.checks._embeddings import TABLE, known_table, own_text_encoder
from grader.checks.assertions import CheckFailure, assert_close
from grader.checks.text import describe, describe_dtype
from grader.sandbox.outside.failures import SubmissionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grader.sandbox.wire.handles import Handle


def table_of(weights: Mapping[str, torch.Tensor], rows: int) -> torch.Tensor:
    """Return the table among a text encoder's weights as they were read back, or raise `CheckFailure`.

    It must have `rows` rows, as wide as the model's own and of the same dtype.
    """
    __tracebackhide__ = True
    table, known = weights.get(TABLE), known_table()
    due = [rows, known.shape[1]]
    if table is None or list(table.shape) != due or table.dtype is not known.dtype:
        found = "gone" if table is None else f"of shape {list(table.shape)}, {describe_dtype(table.dtype)}"
        expected = f"it must have shape {due}, {describe_dtype(known.dtype)}"
        raise CheckFailure(f"The text encoder's table of embeddings is {found}; {expected}.")
    return table


def assert_only_rows_moved(after: torch.Tensor, before: torch.Tensor, trained_ids: Sequence[int], when: str) -> None:
    """Raise `CheckFailure` unless every row but the trained ones is as before to the bit, and these have moved."""
    __tracebackhide__ = True
    moved = (after != before).any(1).nonzero().flatten().tolist()
    strayed = [row for row in moved if row not in trained_ids]
    if strayed:
        raise CheckFailure(
            f"{when} only {_rows(trained_ids)} may differ from the table before, to the bit.",
            expected=f"{len(before) - len(trained_ids)} rows as before",
            actual=f"{len(strayed)} of these rows have moved, by up to {_farthest(after, before, strayed):.2g}",
        )
    still = [row for row in trained_ids if row not in moved]
    if still:
        raise CheckFailure(f"{when} {_rows(still)} must have moved: nothing else can learn the word.")


def assert_refused(call: Callable[[], object], sentence: str) -> None:
    """Raise `CheckFailure` unless a call of the submission ends in a ValueError with a message."""
    __tracebackhide__ = True
    due = "a ValueError that says what is wrong"
    try:
        result = call()
    except SubmissionError as error:
        if error.error == "NotImplementedError":
            raise
        if error.error != "ValueError":
            raise CheckFailure(f"{sentence} {error.sentence}", expected=due) from None
        if error.sentence.endswith("raised ValueError"):
            raise CheckFailure(f"{sentence} The error has no message.", expected=due) from None
        return
    raise CheckFailure(sentence, expected=due, actual=f"no error; it returned {describe(result)}")


def assert_only_the_table_learns(
    submission: Any, encoder: Handle, unet: Handle, table: torch.Tensor, ids: torch.Tensor
) -> None:
    """Raise `CheckFailure` unless a loss on the U-Net's prediction leaves a gradient in the table and nowhere else.

    The gradient must be the one that the judge computes with its own models. `table` `[V, D]` is that of the text
    encoder; `ids` are `[B, L]`.
    """
    __tracebackhide__ = True
    sample, timestep = torch.randn(len(ids), 4, 16, 16, generator=torch.Generator().manual_seed(0)), 500
    expected = _gradient(table, ids, sample, timestep)
    try:
        found = submission.read.flow(encoder, unet, ids, sample, timestep)
    except SubmissionError as error:
        raise CheckFailure(
            "Gradients must still flow through the frozen parts: a loss on what the U-Net predicts for a prompt can no "
            f"longer reach the embedding table. PyTorch says: {error.sentence.partition(' raised ')[2]}"
        ) from None
    for owner, names, due in (
        ("the text encoder", list(found), [TABLE]),
        ("the U-Net", list(submission.read.gradients(unet, names=None)), []),
    ):
        if names != due:
            raise CheckFailure(
                "A loss on what the U-Net predicts must leave a gradient in the embedding table, and in nothing else.",
                expected=f"in {owner}: {', '.join(due) or 'nothing'}",
                actual=f"in {owner}: {describe(', '.join(names) or 'nothing')}",
            )
    sentence = (
        "The gradient of the table must be that of the loss, and so reach the row of every word in the prompt. Both "
        "are shown divided by the largest number of the right one."
    )
    largest = expected.abs().max()
    assert_close(table_of(found, len(table)) / largest, expected / largest, sentence)


def _gradient(table: torch.Tensor, ids: torch.Tensor, sample: torch.Tensor, timestep: int) -> torch.Tensor:
    from grader.diffusion import loading

    encoder = own_text_encoder(table)
    rows = encoder.get_parameter(TABLE).requires_grad_(True)
    told = encoder(ids).last_hidden_state
    loss = loading.load().unet(sample, timestep, encoder_hidden_states=told).sample.square().mean()
    (found,) = torch.autograd.grad(loss, [rows])
    return found


def _rows(ids: Sequence[int]) -> str:
    return f"row {ids[0]}" if len(ids) == 1 else f"the rows {', '.join(map(str, ids))}"


def _farthest(after: torch.Tensor, before: torch.Tensor, rows: Sequence[int]) -> float:
    return float((after - before)[list(rows)].abs().max())
