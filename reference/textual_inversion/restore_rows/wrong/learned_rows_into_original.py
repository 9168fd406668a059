"""The learned rows are written into the original.

Filling the trained rows into the original and copying the whole back gives the right table, but it changes the
original: later comparisons rely on it as the record of the table before training. Fill a copy instead.
"""

import torch

CAUGHT_BY = "test_leaves_original_alone"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore by way of the original."""
    with torch.no_grad():
        original[trained_ids] = table[trained_ids]
        table.copy_(original)
