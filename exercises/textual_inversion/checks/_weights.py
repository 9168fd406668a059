"""What training may have moved, and what must be as before to the bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks._embeddings import TABLE, known_table, own_text_encoder, own_weights
from grader.checks.assertions import CheckFailure, assert_close
from grader.checks.text import describe
from grader.sandbox.outside.failures import SubmissionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grader.sandbox.wire.handles import Handle


def table_of(weights: Mapping[str, torch.Tensor], rows: int) -> torch.Tensor:
    """Return the table among a text encoder's weights as they were read back, or raise `CheckFailure`.

    It must have `rows` rows, as wide as the model's own.
    """
    __tracebackhide__ = True
    table = weights.get(TABLE)
    due = [rows, known_table().shape[1]]
    if table is None or list(table.shape) != due:
        found = "gone" if table is None else f"of shape {list(table.shape)}"
        raise CheckFailure(f"The text encoder's table of embeddings is {found}; it must have shape {due}.")
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
    submission: Any, models: tuple[Handle, Handle, Handle], table: torch.Tensor, ids: torch.Tensor
) -> None:
    """Let text encoder, U-Net and autoencoder do a step of gradient descent, and look at every weight after it.

    Raise `CheckFailure` unless the table has moved against the gradient of the loss, which the judge computes with its
    own models, and no other weight has moved. `table` `[V, D]` is that of the text encoder; `ids` are `[B, L]`.
    """
    __tracebackhide__ = True
    batch, timestep = _step_batch(ids), 500
    gradient = _gradient(table, batch, timestep)
    rate = 1 / float(gradient.abs().max())
    try:
        submission.read.descend(*models, batch, timestep, rate)
    except SubmissionError as error:
        raise CheckFailure(
            "Gradients must still flow through the frozen parts: a loss on what the U-Net predicts for a prompt can no "
            f"longer reach the embedding table. PyTorch says: {error.sentence.partition(' raised ')[2]}"
        ) from None
    when = ", after a step with every parameter that has a gradient,"
    text = submission.read.state_dict(models[0])
    moved = table - table_of(text, len(table))
    sentence = (
        "A step of gradient descent must move the table by its gradient, which has come back through U-Net and text "
        "encoder: the row of every word in the prompt moves, and no other."
    )
    assert_close(moved, rate * gradient, sentence)
    assert_same_weights(text, own_text_encoder(table).state_dict(), f"the text encoder{when}", but=[TABLE])
    for handle, name, owner in zip(models[1:], ("unet", "vae"), ("the U-Net", "the autoencoder"), strict=True):
        assert_same_weights(submission.read.state_dict(handle), own_weights(name), f"{owner}{when}")


def _step_batch(ids: torch.Tensor) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "pixel_values": torch.rand(len(ids), 3, 64, 64, generator=generator) * 2 - 1,
        "input_ids": ids,
        "noise": torch.randn(len(ids), 4, 16, 16, generator=generator),
    }


def _gradient(table: torch.Tensor, batch: Mapping[str, torch.Tensor], timestep: int) -> torch.Tensor:
    from grader.diffusion import loading

    model, encoder = loading.load(), own_text_encoder(table)
    rows = encoder.get_parameter(TABLE).requires_grad_(True)
    sample = model.vae.encode(batch["pixel_values"]).latent_dist.mode().detach() + batch["noise"]
    told = encoder(batch["input_ids"]).last_hidden_state
    loss = model.unet(sample, timestep, encoder_hidden_states=told).sample.square().mean()
    (found,) = torch.autograd.grad(loss, [rows])
    return found


def _rows(ids: Sequence[int]) -> str:
    return f"row {ids[0]}" if len(ids) == 1 else f"the rows {', '.join(map(str, ids))}"


def _farthest(after: torch.Tensor, before: torch.Tensor, rows: Sequence[int]) -> float:
    return float((after - before)[list(rows)].abs().max())
