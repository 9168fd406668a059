"""A new table is made, and the old one is left as it was.

`table = ...` only makes the name inside the function point to another tensor. The parameter that was passed in, the one
that text encoder and optimizer hold on to, does not change at all. Write into it, as in `table[row] = ...`.
"""

import torch

CAUGHT_BY = "test_other_rows_are_restored"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore the rows of a tensor that nobody will see."""
    learned = table.detach()[trained_ids]
    table = torch.nn.Parameter(original.clone())
    with torch.no_grad():
        table[trained_ids] = learned
