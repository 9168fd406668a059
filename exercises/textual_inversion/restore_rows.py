"""Textual inversion's guard: after a step of training, every row but the trained ones goes back."""

import torch


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Put every row of the table back to the original, except the rows in trained_ids. Works in place.

    Textual inversion learns a few rows of the embedding table and nothing else. But the optimizer gets the
    whole table, and moves other rows too: those of all words in the prompt, because they have gradients, and
    with AdamW even rows whose gradient is zero (by weight decay, and by momentum from earlier steps). The
    training loop therefore calls this function after every optimizer.step():

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        restore_rows(table, original, trained_ids)

    What you get:

        table        [V, D], a torch.nn.Parameter (requires_grad is on, .grad may be there), just moved
        original     [V, D], a tensor of the same dtype (float32 or float64): the table before training
        trained_ids  a list of one or more different ints from 0 to V - 1, in any order, anywhere in the table

    What must hold afterwards:

        table[i] equals original[i] to the bit     for every i that is not in trained_ids
        table[i] is what it was before the call    for every i in trained_ids, to the bit
        table.requires_grad is still on, and original and trained_ids are as they were

    To the bit means that a row which moved by no more than its last digit goes back too: over thousands of
    steps such moves add up.

    Change the table itself (in place): the optimizer holds on to it, so a new table would go unnoticed. New numbers for
    the same parameter, table.data = ..., are fine. The function returns nothing. PyTorch refuses to write into a
    parameter while it records gradients; write inside `with torch.no_grad():`. The gradient table.grad needs no care:
    zeroing it would not put any row back.

    A worked example with trained_ids = [1]:

        table     [[1.5, 1.5], [7.0, 8.0], [3.5, 3.5]]
        original  [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
        table     [[1.0, 1.0], [7.0, 8.0], [3.0, 3.0]]     afterwards
    """
    raise NotImplementedError
