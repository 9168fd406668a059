"""A new table is returned, and the given one is left as it is.

The right rows are in the new tensor, but nobody looks at it: the text encoder and the optimizer both
hold on to the table they were given, and that one drifts. Write into the table itself.
"""

import torch

CAUGHT_BY = "test_other_rows_are_restored"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> torch.Tensor:
    """Return the restored table."""
    restored = original.clone()
    restored[trained_ids] = table.detach()[trained_ids]
    return restored
