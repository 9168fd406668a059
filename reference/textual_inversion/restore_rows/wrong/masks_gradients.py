"""The gradients of the other rows are set to zero, and the rows are not put back.

After optimizer.step() this is too late: the rows have moved. Called before, it is still not enough, because AdamW's
weight decay shrinks every row and its momentum goes on moving rows whose gradient has become zero. Only putting the
rows back keeps them.
"""

import torch

CAUGHT_BY = "test_only_trained_rows_move_under_adamw"


def restore_rows(
    table: torch.nn.Parameter,
    original: torch.Tensor,
    trained_ids: list[int],
) -> None:
    """Keep the gradient of the trained rows only."""
    if table.grad is None:
        return
    mask = torch.zeros_like(table.grad)
    mask[trained_ids] = 1
    table.grad.mul_(mask)
