"""Loops over the rows and writes through .data."""

import torch


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore one row after the other."""
    for row in range(len(table)):
        if row not in set(trained_ids):
            table.data[row] = original[row]
