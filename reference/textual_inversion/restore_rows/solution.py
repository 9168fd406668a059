"""Every row but the trained ones goes back to the original, in place."""

import torch


@torch.no_grad()
def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Copy the original into every row of the table that is not trained."""
    # step: Mark the rows that are to be restored: all but the trained ones.
    restored = torch.ones(len(table), dtype=torch.bool)
    restored[trained_ids] = False
    # step: Copy these rows from the original into the table, in place.
    # blank: table[____] = ____
    table[restored] = original[restored]
