"""Only the rows that have a gradient are put back.

It seems enough to look at the words of this step's prompts, since only their rows get a gradient. But
AdamW moves rows with a zero gradient as well: weight decay pulls on every row at every step, and
momentum carries on where an earlier prompt pushed.
"""

import torch

CAUGHT_BY = "test_only_trained_rows_move_under_adamw"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore the words of this step's prompts."""
    with torch.no_grad():
        for row in range(len(table)):
            used = table.grad is None or bool(table.grad[row].any())
            if used and row not in trained_ids:
                table[row] = original[row]
