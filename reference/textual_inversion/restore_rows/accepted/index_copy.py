"""Lists the other rows and copies them with index_copy_."""

import torch


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore the rows that are listed as not trained."""
    others = torch.tensor([row for row in range(table.size(0)) if row not in trained_ids], dtype=torch.long)
    with torch.no_grad():
        table.index_copy_(0, others, original.index_select(0, others))
