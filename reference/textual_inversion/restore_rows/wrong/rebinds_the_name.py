"""The rows are written somewhere else, and the table that was passed in does not change at all.

`table = ...` only makes the name point to another tensor, and `table[mask].copy_(...)` fills a copy, because a mask or
a list of rows takes them out of the table. Write into the table: `table[mask] = ...`.
"""

import torch

CAUGHT_BY = "test_other_rows_are_restored"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore the rows of a tensor that nobody will see."""
    learned = table.detach()[trained_ids]
    table = torch.nn.Parameter(original.clone())
    with torch.no_grad():
        table[trained_ids] = learned
